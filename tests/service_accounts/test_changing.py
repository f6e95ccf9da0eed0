"""Editing, disabling and deleting, as actions: what holds whoever asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions
from accounts.service_accounts.actions import AccountGone, Details, EditConflict, NameTaken
from accounts.service_accounts.states import Status
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tokens.access_tokens.verify import InvalidToken, verify
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin, KeyPickup
from tokens.service_accounts import actions as with_tokens

pytestmark = pytest.mark.django_db


def now_of(account: ServiceAccount) -> Details:
    return Details(
        name=account.name,
        description=account.description,
        owner=account.owner,
        scopes=account.scopes,
        ends_at=account.ends_at,
    )


def edit(
    by: Identity, account: ServiceAccount, revision: int = 1, **changes: Any
) -> ServiceAccount:
    return actions.edit(
        by=by,
        account=account,
        details=replace(now_of(account), **changes),
        revision=revision,
        at=timezone.now(),
    )


def test_only_what_changed_is_recorded(ada: Identity, made: Made) -> None:
    edit(ada, made.account, scopes=["fr:am:*"], description="Nightly")
    event = Event.objects.get(action="service_account.edited")
    assert event.detail == {
        "before": {"description": "", "scopes": ["fr:am:*", "fr:idm:*"]},
        "after": {"description": "Nightly", "scopes": ["fr:am:*"]},
    }


def test_an_edit_that_changes_nothing_writes_nothing(ada: Identity, made: Made) -> None:
    assert edit(ada, made.account).revision == 1
    assert not Event.objects.filter(action="service_account.edited").exists()


def test_whoever_comes_second_is_told(ada: Identity, made: Made) -> None:
    edit(ada, made.account, name="audit02")
    with pytest.raises(EditConflict) as caught:
        edit(ada, made.account, name="audit03")
    assert caught.value.account.name == "audit02"
    made.account.refresh_from_db()
    assert (made.account.name, made.account.revision) == ("audit02", 2)


def test_a_new_name_is_the_identitys_too(ada: Identity, made: Made) -> None:
    edit(ada, made.account, name="audit02")
    assert Identity.objects.get(pk=made.account.pk).display_name == "audit02"


def test_another_accounts_name_is_taken_and_nothing_changes(ada: Identity, made: Made) -> None:
    make_account("release-bot")
    with pytest.raises(NameTaken, match="named “release-bot”"):
        edit(ada, made.account, name="Release-Bot", scopes=[])
    made.account.refresh_from_db()
    assert (made.account.name, made.account.revision) == ("audit01", 1)
    assert made.account.scopes


def test_its_own_name_may_be_written_another_way(ada: Identity, made: Made) -> None:
    assert edit(ada, made.account, name="Audit01").name == "Audit01"


def test_an_owner_who_was_disabled_since_may_stay(
    ada: Identity, otto: Identity, made: Made
) -> None:
    identities.disable(by=ada, identity=otto, at=timezone.now())
    account = ServiceAccount.objects.get(pk=made.account.pk)
    assert edit(ada, account, description="Still Otto's").owner == otto


def test_a_passed_end_may_stay_but_not_be_chosen(ada: Identity) -> None:
    soon = timezone.now() + timedelta(milliseconds=200)
    account = make_account("brief", ends_at=soon).account
    later = soon + timedelta(seconds=1)
    assert account.status_at(later) == Status.ENDED
    changed = actions.edit(
        by=ada,
        account=account,
        details=replace(now_of(account), description="It has ended"),
        revision=1,
        at=later,
    )
    assert changed.ends_at == soon
    with pytest.raises(actions.EndsInThePast):
        actions.edit(
            by=ada,
            account=account,
            details=replace(now_of(changed), ends_at=soon - timedelta(days=1)),
            revision=2,
            at=later,
        )


def test_a_new_owner_ends_the_offer_to_the_old_one(
    ada: Identity, otto: Identity, mallory: Identity
) -> None:
    now = timezone.now()
    issued = with_tokens.create(
        by=ada,
        details=Details(name="audit01", description="", owner=otto, scopes=["fr:am:*"]),
        key=KeyChoice(KeyOrigin.OWNER, "P-256"),
        within=None,
        at=now,
    )
    assert KeyPickup.objects.open_at(now).count() == 1
    with_tokens.edit(
        by=ada,
        account=issued.account,
        details=replace(now_of(issued.account), owner=mallory),
        revision=1,
        revoke_tokens=False,
        at=now,
    )
    assert not KeyPickup.objects.open_at(now).exists()
    assert Event.objects.filter(action="key.offer_withdrawn").exists()


def test_an_edit_may_revoke_the_issued_tokens(ada: Identity, made: Made) -> None:
    token = Holder(made).token()
    assert verify(token, timezone.now()).token_id
    with_tokens.edit(
        by=ada,
        account=made.account,
        details=replace(now_of(made.account), description="x"),
        revision=1,
        revoke_tokens=True,
        at=timezone.now(),
    )
    with pytest.raises(InvalidToken):
        verify(token, timezone.now())


def test_disabling_and_enabling_twice_is_recorded_once(ada: Identity, made: Made) -> None:
    for act in (actions.disable, actions.disable, actions.enable, actions.enable):
        act(by=ada, account=made.account, at=timezone.now())
    recorded = Event.objects.filter(action__startswith="service_account.").order_by("id")
    assert [event.action for event in recorded] == [
        "service_account.created",
        "service_account.disabled",
        "service_account.enabled",
    ]


def test_deleting_twice_is_harmless(ada: Identity, made: Made) -> None:
    with_tokens.delete(by=ada, account=made.account, at=timezone.now())
    with_tokens.delete(by=ada, account=made.account, at=timezone.now())
    assert Event.objects.filter(action="service_account.deleted").count() == 1
    assert not ServiceAccount.objects.existing().exists()


@pytest.mark.parametrize("act", [actions.disable, actions.enable])
def test_a_deleted_account_cannot_come_back(ada: Identity, made: Made, act: Any) -> None:
    with_tokens.delete(by=ada, account=made.account, at=timezone.now())
    with pytest.raises(AccountGone):
        act(by=ada, account=made.account, at=timezone.now())
    with pytest.raises(AccountGone):
        edit(ada, made.account, name="back again")


@pytest.mark.parametrize("who", ["vera", "otto", "mallory"])
def test_only_administrators_change_accounts(
    request: pytest.FixtureRequest, made: Made, who: str
) -> None:
    person: Identity = request.getfixturevalue(who)
    for act in (actions.disable, actions.enable, with_tokens.delete):
        with pytest.raises(NotAllowed):
            act(by=person, account=made.account, at=timezone.now())
    with pytest.raises(NotAllowed):
        edit(person, made.account, name="mine")
    made.account.refresh_from_db()
    assert made.account.status_at(timezone.now()) == Status.ACTIVE
