"""Disable, enable, revoke issued tokens, delete: each asks first, and stops what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.states import Status
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tests.service_accounts.filled import LIST, page
from tokens.access_tokens.verify import InvalidToken, verify
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

pytestmark = pytest.mark.django_db


def works(token: str) -> bool:
    try:
        verify(token, timezone.now())
    except InvalidToken:
        return False
    return True


def status(account: ServiceAccount) -> Status:
    account = ServiceAccount.objects.select_related("identity").get(pk=account.pk)
    return account.status_at(timezone.now())


@pytest.mark.parametrize("name", ["disable", "revoke_tokens", "delete"])
def test_the_question_shows_who_would_feel_it(admin: Client, made: Made, name: str) -> None:
    Holder(made).token()
    buffer.add(
        identity_id=made.account.pk,
        use=Use.CALL,
        credential_id=made.credential.pk,
        scopes=["fr:idm:*"],
        address="192.0.2.9",
        client="nightly/1.0",
        at=timezone.now() - timedelta(days=3),
    )
    seen = admin.get(page(name, made.account)).content.decode()
    for said in ("192.0.2.9", "nightly/1.0", "fr:idm:*", made.credential.key_id, "3 days ago"):
        assert said in seen, said
    assert "<strong>1</strong> issued token is still alive." in seen


def test_disable_stops_and_enable_brings_back(admin: Client, made: Made) -> None:
    token = Holder(made).token()
    answer = admin.post(page("disable", made.account))
    assert answer["Location"] == page("detail", made.account)
    assert status(made.account) == Status.DISABLED
    assert not works(token)
    assert Holder(made).ask().status_code == 400
    assert "its keys and tokens no longer work" in admin.get(answer["Location"]).content.decode()
    admin.post(page("enable", made.account))
    assert status(made.account) == Status.ACTIVE
    assert works(token)
    assert Holder(made).token()


def test_enabling_what_has_ended_says_that_it_does_not_help(admin: Client, made: Made) -> None:
    past = timezone.now() - timedelta(days=1)
    ServiceAccount.objects.filter(pk=made.account.pk).update(ends_at=past)
    admin.post(page("disable", made.account))
    answer = admin.post(page("enable", made.account), follow=True)
    assert "is enabled, but has ended" in answer.content.decode()


def test_revoking_stops_tokens_and_leaves_keys(admin: Client, ada: Identity, made: Made) -> None:
    token = Holder(made).token()
    answer = admin.post(page("revoke_tokens", made.account), follow=True)
    assert "is refused from now on" in answer.content.decode()
    assert not works(token)
    assert works(Holder(made).token())
    event = Event.objects.get(action="token.revoked_all")
    assert (event.actor_id, event.subject_id) == (str(ada.pk), str(made.account.pk))


def test_delete_wants_the_name(admin: Client, made: Made) -> None:
    for typed in ("", "audit", "AUDIT01", "аudit01", "audit01\x00", "x" * 100_000):
        answer = admin.post(page("delete", made.account), {"name": typed})
        assert answer.status_code == 200
        assert "name" in answer.context["form"].errors
    assert status(made.account) == Status.ACTIVE


def test_delete_ends_it_for_good(admin: Client, ada: Identity, made: Made) -> None:
    token = Holder(made).token()
    answer = admin.post(page("delete", made.account), {"name": " audit01 "})
    assert answer["Location"] == LIST
    assert "The service account audit01 is deleted." in admin.get(LIST).content.decode()
    assert status(made.account) == Status.DELETED
    assert not works(token)
    assert Holder(made).ask().status_code == 400
    assert admin.get(page("detail", made.account)).status_code == 404
    assert admin.post(page("delete", made.account), {"name": "audit01"}).status_code == 404
    event = Event.objects.get(action="service_account.deleted")
    assert event.detail["before"] == {"scopes": made.account.scopes, "owner": "otto"}


def test_delete_offers_the_softer_step(admin: Client, made: Made) -> None:
    seen = admin.get(page("delete", made.account)).content.decode()
    assert "<h1>Delete Service Account</h1>" in seen
    assert "Disable instead" in seen
    admin.post(page("disable", made.account))
    assert "Disable instead" not in admin.get(page("delete", made.account)).content.decode()


@pytest.mark.parametrize(("name", "form"), [("delete", {"name": "audit01"}), ("revoke_tokens", {})])
def test_what_destroys_asks_for_the_password_after_five_minutes(
    admin: Client, made: Made, name: str, form: dict[str, Any]
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        answer = admin.post(page(name, made.account), form)
    assert b"Confirm that it is you" in answer.content
    assert status(made.account) == Status.ACTIVE
    assert not Event.objects.filter(action="token.revoked_all").exists()


def select(client: Client, *accounts: ServiceAccount, **more: str) -> Any:
    form = {"selected": [str(account.pk) for account in accounts], **more}
    return client.post("/service-accounts/disable/", form)


def test_several_are_disabled_at_once_after_their_names_and_number_were_shown(
    admin: Client, made: Made
) -> None:
    other, third = make_account("other").account, make_account("third").account
    asked = select(admin, made.account, other)
    seen = asked.content.decode()
    for said in ("Disable 2 service accounts", "audit01", "other", "Disable 2 accounts"):
        assert said in seen
    assert status(made.account) == Status.ACTIVE
    answer = select(admin, made.account, other, confirmed="yes")
    assert answer["Location"] == LIST
    assert "2 service accounts are disabled" in admin.get(LIST).content.decode()
    assert [status(a) for a in (made.account, other, third)] == ["disabled", "disabled", "active"]
    assert Event.objects.filter(action="service_account.disabled").count() == 2


@pytest.mark.parametrize("selected", [[], ["x"], ["' OR 1=1"], [""]])
def test_a_choice_that_holds_nothing_is_said(
    admin: Client, made: Made, selected: list[str]
) -> None:
    answer = admin.post(
        "/service-accounts/disable/", {"selected": selected, "confirmed": "yes"}, follow=True
    )
    assert "Tick the accounts to disable" in answer.content.decode()
    assert status(made.account) == Status.ACTIVE


def test_deleted_and_disabled_ones_are_passed_over(
    admin: Client, ada: Identity, made: Made
) -> None:
    gone, off = make_account("gone").account, make_account("off").account
    admin.post(page("delete", gone), {"name": "gone"})
    admin.post(page("disable", off))
    select(admin, gone, off, made.account, confirmed="yes")
    assert [status(a) for a in (gone, off, made.account)] == ["deleted", "disabled", "disabled"]


def test_the_question_about_a_disabled_account_offers_to_enable_it(
    admin: Client, made: Made
) -> None:
    assert "disabled already" not in admin.get(page("disable", made.account)).content.decode()
    admin.post(page("disable", made.account))
    text = admin.get(page("disable", made.account)).content.decode()
    assert "This account is disabled already" in text
    assert f'action="{page("enable", made.account)}"' in text
