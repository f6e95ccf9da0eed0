"""Acts on many at once: each is done or refused by itself, and both are told."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Event, Identity, Invitation
from tests.doors.rest import world
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account, make_person
from tests.oauth.program import Answer

pytestmark = pytest.mark.django_db


def told(answer: Answer) -> dict[str, str]:
    """What is said of each that was left out; "" of those that are done."""
    assert answer.status_code == 200, answer.content
    items = answer.json()["items"]
    assert all(item["done"] is (item["problem"] == "") for item in items)
    return {item["id"]: item["problem"] for item in items}


def ids(*rows: Any) -> list[str]:
    return [str(row.pk) for row in rows]


def test_people_are_disabled_together_and_service_accounts_by_their_own_scope(
    admin: Caller, ada: Identity, otto: Identity
) -> None:
    account = make_account("loader", owner=otto).account
    nobody = str(uuid4())
    sent = [nobody, *ids(otto, account, ada, otto)]
    found = told(admin.post("/identities/disable", {"identities": sent}))
    assert list(found) == list(dict.fromkeys(sent)), "in the order of the caller"
    assert [pk for pk, problem in found.items() if not problem] == ids(otto)
    assert found[str(account.pk)] == "There is no such identity."
    assert "your own account" in found[str(ada.pk)]
    assert found[nobody] == "There is no such identity."
    for row in (otto, ada, account.identity):
        row.refresh_from_db()
    assert [otto.is_active, account.identity.is_active, ada.is_active] == [False, True, True]
    actions = {"identity.disabled", "service_account.disabled"}
    assert Event.objects.filter(action__in=actions).count() == 1
    again = told(admin.post("/identities/disable", {"identities": ids(otto)}))
    assert again == {str(otto.pk): ""}


def test_whoever_may_less_does_less(ada: Identity, otto: Identity) -> None:
    helper = make_person("hella", levels=["helpdesk"])
    account = make_account("loader", owner=otto).account
    body = {"identities": ids(ada, account, otto)}
    for act in ("disable", "invite"):
        assert Caller(otto).post(f"/identities/{act}", body).status_code == 403
    found = told(Caller(helper).post("/identities/disable", body))
    assert [pk for pk, problem in found.items() if not problem] == ids(otto)
    for row in (ada, account.identity):
        row.refresh_from_db()
        assert row.is_active
    levels = body | {"way": "add", "levels": ["admin"]}
    assert Caller(helper).post("/identities/set-levels", levels).status_code == 403


def test_service_accounts_are_disabled_at_once(admin: Caller, otto: Identity) -> None:
    accounts = [make_account(f"loader-{number}", owner=otto).account for number in range(3)]
    person = str(otto.pk)
    found = told(admin.post("/service-accounts/disable", {"accounts": [*ids(*accounts), person]}))
    assert found == dict.fromkeys(ids(*accounts), "") | {
        person: "There is no such service account."
    }
    assert (
        Caller(otto).post("/service-accounts/disable", {"accounts": ids(*accounts)}).status_code
        == 403
    )
    otto.refresh_from_db()
    assert otto.is_active


def test_who_has_no_password_yet_is_invited(admin: Caller, otto: Identity) -> None:
    waiting = world.invitation().identity
    assert waiting is not None
    found = told(admin.post("/identities/invite", {"identities": ids(otto, waiting)}))
    assert found[str(waiting.pk)] == ""
    assert "Has a password already" in found[str(otto.pk)]
    assert Invitation.objects.filter(identity=waiting).count() == 2
    assert not Invitation.objects.filter(identity=otto).exists()


def test_levels_are_given_to_whom_they_may_be_given(
    admin: Caller, ada: Identity, otto: Identity, vera: Identity
) -> None:
    body = {"identities": ids(ada, otto, vera), "levels": ["helpdesk"]}
    found = told(admin.post("/identities/set-levels", body | {"way": "add"}))
    assert found[str(otto.pk)] == ""
    assert found[str(ada.pk)], "nobody changes their own"
    otto = Identity.objects.get(pk=otto.pk)
    assert otto.levels == {"helpdesk"}
    assert Identity.objects.get(pk=ada.pk).levels == {"admin"}
    taken = told(admin.post("/identities/set-levels", body | {"way": "take"}))
    assert taken[str(otto.pk)] == ""
    assert Identity.objects.get(pk=otto.pk).levels == set()
    none = body | {"identities": ids(vera), "way": "exactly", "levels": []}
    assert told(admin.post("/identities/set-levels", none)) == {str(vera.pk): ""}
    assert Identity.objects.get(pk=vera.pk).levels == set()
    assert fields(admin.post("/identities/set-levels", none | {"way": "add"})) == {"levels"}


@pytest.mark.parametrize("act", ["disable", "invite"])
def test_none_or_too_many_are_refused(admin: Caller, act: str) -> None:
    for sent in ([], [str(uuid4()) for _ in range(201)], ["nobody"]):
        refused = admin.post(f"/identities/{act}", {"identities": sent})
        assert refused.status_code == 422


def test_sent_twice_with_a_key_it_is_done_once(admin: Caller) -> None:
    waiting = world.invitation().identity
    assert waiting is not None
    body = {"identities": ids(waiting)}
    first = admin.post("/identities/invite", body, idempotency_key="once")
    again = admin.post("/identities/invite", body, idempotency_key="once")
    assert again.json() == first.json()
    assert Invitation.objects.filter(identity=waiting).count() == 2


def test_the_list_of_the_console_disables_by_the_same_rule(
    client_of: Any, ada: Identity, otto: Identity
) -> None:
    browser: Client = client_of(ada)
    account = make_account("loader", owner=otto).account
    chosen = {"selected": ids(ada, otto, account), "confirmed": "1"}
    browser.post("/identities/disable/", chosen)
    for row in (ada, otto, account.identity):
        row.refresh_from_db()
    assert [ada.is_active, otto.is_active, account.identity.is_active] == [True, False, False]


def test_an_invitation_whose_mail_failed_is_tried_again(
    admin: Caller, vera: Identity, otto: Identity
) -> None:
    invitation = world.invitation()
    Invitation.objects.filter(pk=invitation.pk).update(
        next_try_at=None, tries=9, failure="No such mailbox"
    )
    path = f"/identities/{invitation.identity_id}/invitations"
    (row,) = Caller(vera).get(path).json()["items"]
    assert (row["id"], row["open"], row["failure"]) == (
        *(str(invitation.pk), True, "No such mailbox"),
    )
    retry = f"{path}/{invitation.pk}/retry"
    for caller in (Caller(vera), Caller(otto)):
        assert caller.post(retry).status_code == 403
    assert Caller(otto).get(path).status_code == 403
    assert admin.post(retry).status_code == 204
    invitation.refresh_from_db()
    assert invitation.tries == 0
    assert Event.objects.filter(action="identity.invitation_retried").count() == 1
    other = f"/identities/{otto.pk}/invitations/{invitation.pk}/retry"
    assert admin.post(other).status_code == 404
    assert admin.post(f"/identities/{invitation.identity_id}/disable").status_code == 200
    over = admin.post(retry)
    assert (over.status_code, over.json()["code"]) == (409, "cannot_invite")
