"""A request goes no further than the ownership by which it was made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions as identities
from accounts.models import AccessRequest, Event, Identity, Membership, ServiceAccount
from accounts.requests import actions
from accounts.requests.kinds.reading import Gone, NotTheirsAnyMore
from accounts.requests.states import ApprovalState, State
from accounts.requests.upkeep import run as upkeep
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from accounts.takeovers import actions as takeovers
from console.requests.mail import send_due
from tests.factories import make_account
from tests.factories.groups import make_group
from tests.factories.requests import ask, ask_for_group, carry_out, decide
from tokens.service_accounts import actions as with_tokens

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]
WHY = "Otto does not own audit01 any more. Whoever owns it now may ask anew."


def hand_over(account: ServiceAccount, to: Identity) -> None:
    assert account.owner is not None
    now = timezone.now()
    made = takeovers.offer(by=account.owner, account=account, to=to, note="", at=now)
    takeovers.confirm(by=to, takeover=made, keep_old_tokens=False, at=now)


def more_scopes(by: Identity, account: ServiceAccount) -> AccessRequest:
    return ask(by, "more_scopes", account=str(account.pk), scopes=["fr:am:*"])


def test_what_the_owner_before_asked_for_it_ends_and_they_are_told(
    requester: Identity, boss: Identity, mallory: Identity, account: ServiceAccount
) -> None:
    group = make_group("Operators", may_be_requested=True)
    scopes = more_scopes(requester, account)
    joining = ask_for_group(requester, group, account)
    own = ask_for_group(requester, group)
    other = more_scopes(requester, make_account("audit02", owner=requester, scopes=[]).account)
    send_due()
    mail.outbox.clear()

    hand_over(account, mallory)

    for each in (scopes, joining, own, other):
        each.refresh_from_db()
    assert [each.state for each in (scopes, joining, own, other)] == [
        *(State.LAPSED, State.LAPSED),
        *(State.WAITING, State.WAITING),
    ]
    assert scopes.failure == WHY
    assert scopes.approvals.get().state == ApprovalState.CANCELLED
    assert Event.objects.filter(action="request.outlived").count() == 2
    send_due()
    told = [message for message in mail.outbox if scopes.number in message.subject]
    assert [message.to for message in told] == [["otto@example.com"]]
    assert WHY in told[0].body
    with pytest.raises(actions.Decided):
        decide(boss, scopes)


def test_both_read_on_the_page_why_it_ended(
    client_of: ClientOf,
    requester: Identity,
    boss: Identity,
    mallory: Identity,
    account: ServiceAccount,
) -> None:
    request = more_scopes(requester, account)
    hand_over(account, mallory)
    for reader in (requester, boss):
        shown = client_of(reader).get(f"/requests/{request.pk}/").content.decode()
        assert WHY in shown
        assert "It ended without a decision" in shown
        assert "Try again" not in shown
        assert "Approve</button>" not in shown
    listed = client_of(boss).get("/requests/to-approve/").content.decode()
    assert request.number not in listed


def test_another_owner_in_the_form_of_the_account_ends_it_as_well(
    requester: Identity, mallory: Identity, account: ServiceAccount
) -> None:
    request = more_scopes(requester, account)
    now = ServiceAccount.objects.get(pk=account.pk)
    details = Details.of(now)
    with_tokens.edit(
        by=SYSTEM,
        account=now,
        details=Details(**{**vars(details), "owner": mallory}),
        revision=now.revision,
        revoke_tokens=False,
        at=timezone.now(),
    )
    request.refresh_from_db()
    assert (request.state, request.failure) == (State.LAPSED, WHY)


@pytest.mark.parametrize("change", ["owner", "no owner", "deleted"])
def test_what_slipped_through_ends_within_a_minute(
    requester: Identity, boss: Identity, mallory: Identity, account: ServiceAccount, change: str
) -> None:
    request = more_scopes(requester, account)
    if change == "deleted":
        service_accounts.delete(by=SYSTEM, account=account, at=timezone.now())
    else:
        owner = mallory if change == "owner" else None
        ServiceAccount.objects.filter(pk=account.pk).update(owner=owner)
    fresh = AccessRequest.objects.get()
    with pytest.raises((NotTheirsAnyMore, Gone)):
        decide(boss, fresh, digest="")
    upkeep()
    request.refresh_from_db()
    assert request.state == State.LAPSED
    assert ("does not exist" in request.failure) == (change == "deleted")
    before = Event.objects.count()
    upkeep()
    assert Event.objects.count() == before


def test_what_somebody_asked_who_is_deleted_ends_and_who_is_disabled_may_come_back(
    requester: Identity, boss: Identity, mallory: Identity, account: ServiceAccount
) -> None:
    group = make_group("Operators", may_be_requested=True)
    gone = [ask_for_group(requester, group), more_scopes(requester, account)]
    away = ask_for_group(mallory, group)
    identities.delete(by=SYSTEM, identity=requester, at=timezone.now())
    identities.disable(by=SYSTEM, identity=mallory, at=timezone.now())
    upkeep()
    for each in gone:
        each.refresh_from_db()
        assert (each.state, each.failure) == (State.LAPSED, "Otto does not exist any more.")
    away.refresh_from_db()
    assert away.state == State.WAITING


def test_what_was_approved_before_is_not_done_and_not_tried_again(
    client_of: ClientOf,
    requester: Identity,
    boss: Identity,
    ada: Identity,
    mallory: Identity,
    account: ServiceAccount,
) -> None:
    group = make_group("Operators", may_be_requested=True)
    request = ask_for_group(requester, group, account)
    decide(boss, request)
    hand_over(account, mallory)
    assert carry_out(request).state == State.FAILED
    assert request.failure == WHY
    assert not Membership.objects.exists()
    for reader in (requester, ada):
        shown = client_of(reader).get(f"/requests/{request.pk}/").content.decode()
        assert "Try again" not in shown
        assert "Ask anew" not in shown, "it is not theirs to ask for"
    with pytest.raises(NotTheirsAnyMore):
        actions.try_again(by=ada, request=request, at=timezone.now())


def test_the_manager_of_the_account_is_its_owner_again(
    requester: Identity, boss: Identity, mallory: Identity
) -> None:
    request = ask(requester, "new_service_account", name="nightly", purpose="Exports", scopes=[])
    decide(boss, request)
    made = ServiceAccount.objects.get(pk=carry_out(request).result["account"])
    other = make_account("audit02", owner=requester).account
    Identity.objects.filter(pk=other.pk).update(manager=boss)
    assert made.identity.manager == requester

    hand_over(made, mallory)
    hand_over(other, mallory)

    assert Identity.objects.get(pk=made.pk).manager == mallory
    assert Identity.objects.get(pk=other.pk).manager == boss, "somebody chose another"
    told = Event.objects.get(action="identity.manager_set", subject_id=str(made.pk))
    assert (told.detail["before"], told.detail["after"]) == (
        {"manager": "otto"},
        {"manager": "mallory"},
    )
