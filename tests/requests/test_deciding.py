from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.groups import actions as groups
from accounts.groups.actions import GroupDraft
from accounts.groups.models import Approvers
from accounts.identities import actions as identities
from accounts.models import (
    AccessRequest,
    Approval,
    Event,
    Group,
    Identity,
    Job,
    Membership,
    ServiceAccount,
)
from accounts.requests import actions, delegating, queries
from accounts.requests.actions import Decided, ReasonMissing
from accounts.requests.moves import AskedAlready, ChangedSince, NotAsSeen
from accounts.requests.states import ApprovalState, State, Verdict
from accounts.requests.upkeep import run as upkeep
from tests.factories import make_account, make_person
from tests.factories.groups import make_group
from tests.factories.requests import ask_for_group, carry_out, decide

pytestmark = pytest.mark.django_db


def approvers(request: AccessRequest) -> set[str | None]:
    return set(request.approvals.values_list("approver__user_name", flat=True))


def test_the_manager_of_who_asks_approves_and_a_job_carries_it_out(
    requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    assert (request.state, approvers(request)) == (State.WAITING, {"boss"})
    assert not Membership.objects.exists()

    decide(boss, request)
    assert AccessRequest.objects.get().state == State.APPROVED
    assert carry_out(request).state == State.DONE

    membership = Membership.objects.get()
    assert (membership.group, membership.identity_id) == (group, account.pk)
    joined = Event.objects.get(action="identity.group_joined")
    assert joined.detail["request"] == request.number
    assert (joined.detail["asked_by"], joined.detail["approved_by"]) == ("otto", ["boss"])
    told = Event.objects.filter(subject_id=str(request.pk)).order_by("pk")
    assert list(told.values_list("action", flat=True)) == [
        "request.asked",
        "request.approved",
        "request.carried_out",
    ]


def test_a_rejection_says_why_and_changes_nothing(
    requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    with pytest.raises(ReasonMissing):
        decide(boss, request, Verdict.REJECT, " ")
    decide(boss, request, Verdict.REJECT, "Not needed for this.")

    request.refresh_from_db()
    assert request.state == State.REJECTED
    assert not Membership.objects.exists()
    assert not Job.objects.exists()
    assert Event.objects.get(action="request.rejected").reason == "Not needed for this."


@pytest.mark.parametrize("second", Verdict)
def test_what_is_decided_is_not_decided_again(
    requester: Identity, boss: Identity, account: ServiceAccount, group: Group, second: Verdict
) -> None:
    request = ask_for_group(requester, group, account)
    _lines, shown = queries.seen(request)
    decide(boss, request, Verdict.REJECT, "No.")
    with pytest.raises(Decided):
        decide(boss, request, second, "Again.", digest=shown)
    assert Event.objects.filter(action__in=["request.approved", "request.rejected"]).count() == 1


def test_nobody_else_decides(
    requester: Identity, account: ServiceAccount, group: Group, ada: Identity, mallory: Identity
) -> None:
    request = ask_for_group(requester, group, account)
    for by in (requester, mallory, ada):
        with pytest.raises(NotAllowed):
            decide(by, request)
    assert Approval.objects.get().state == ApprovalState.REQUESTED


def test_a_decision_is_about_what_was_seen(
    requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    _lines, shown = queries.seen(request)
    draft = GroupDraft(group.name, may_be_requested=True)
    groups.edit(by=SYSTEM, group=group, draft=draft, revision=1, at=timezone.now())
    with pytest.raises(NotAsSeen):
        decide(boss, request, digest=shown)
    decide(boss, request)


def test_without_a_manager_it_is_the_groups_then_the_administrators(
    otto: Identity, ada: Identity, mallory: Identity, group: Group
) -> None:
    assert approvers(ask_for_group(otto, group)) == {None}
    managed = make_group("Managed", manager=mallory, may_be_requested=True)
    assert approvers(ask_for_group(otto, managed)) == {"mallory"}
    own = make_group("Own", manager=otto, may_be_requested=True)
    request = ask_for_group(otto, own)
    assert approvers(request) == {None}
    decide(ada, request)
    assert carry_out(request).state == State.DONE


def test_an_administrator_does_not_decide_what_they_ask_for(ada: Identity, group: Group) -> None:
    request = ask_for_group(ada, group)
    with pytest.raises(NotAllowed):
        decide(ada, request)
    decide(make_person("second", levels=["admin"]), request)


@pytest.mark.parametrize(
    ("rule", "first_is_enough"), [(Approvers.EITHER, True), (Approvers.BOTH, False)]
)
def test_several_are_asked_by_the_rule_of_the_group(
    requester: Identity, boss: Identity, mallory: Identity, rule: Approvers, first_is_enough: bool
) -> None:
    draft = GroupDraft("G", manager=mallory, may_be_requested=True, approvers=rule)
    group = groups.create(by=SYSTEM, draft=draft, at=timezone.now())
    request = ask_for_group(requester, group)
    assert approvers(request) == {"boss", "mallory"}

    decide(mallory, request)
    request.refresh_from_db()
    assert (request.state == State.APPROVED) is first_is_enough
    if first_is_enough:
        assert request.approvals.get(approver=boss).state == ApprovalState.NOT_REQUIRED
    else:
        decide(boss, request, Verdict.REJECT, "One no is enough.")
        request.refresh_from_db()
        assert request.state == State.REJECTED


def test_a_delegate_decides_while_the_approver_is_away(
    requester: Identity, boss: Identity, mallory: Identity, group: Group
) -> None:
    now = timezone.now()
    request = ask_for_group(requester, group)
    delegating.set_delegate(
        by=boss, delegate=mallory, since=now, until=now + timedelta(days=1), at=now
    )
    decide(mallory, request)
    approved = Event.objects.get(action="request.approved")
    assert (approved.actor_label, approved.detail["in_place_of"]) == ("mallory", ["boss"])

    second = ask_for_group(requester, make_group("Other", may_be_requested=True))
    delegating.end(by=boss, at=timezone.now())
    with pytest.raises(NotAllowed):
        decide(mallory, second)


def test_neither_who_asks_nor_their_delegate_decides(
    requester: Identity, boss: Identity, ada: Identity, group: Group
) -> None:
    now, later = timezone.now(), timezone.now() + timedelta(days=1)
    request = ask_for_group(requester, group)
    delegating.set_delegate(by=boss, delegate=requester, since=now, until=later, at=now)
    delegating.set_delegate(by=requester, delegate=boss, since=now, until=later, at=now)
    for by in (requester, boss):
        with pytest.raises(NotAllowed):
            decide(by, request)
    other = make_group("Other", may_be_requested=True)
    assert approvers(ask_for_group(requester, other)) == {None}


def test_what_waits_for_somebody_who_is_gone_goes_to_the_administrators(
    requester: Identity, boss: Identity, ada: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    identities.disable(by=ada, identity=boss, at=timezone.now())
    upkeep()
    assert approvers(request) == {None}
    decide(ada, request)


def test_what_nobody_decides_lapses(requester: Identity, boss: Identity, group: Group) -> None:
    request = ask_for_group(requester, group)
    upkeep()
    AccessRequest.objects.update(due_at=timezone.now())
    upkeep()
    request.refresh_from_db()
    assert request.state == State.LAPSED
    with pytest.raises(Decided):
        decide(boss, request)


def test_who_asked_takes_it_back_and_nobody_else(
    requester: Identity, boss: Identity, mallory: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    with pytest.raises(NotAllowed):
        actions.withdraw(by=mallory, request=request, at=timezone.now())
    actions.withdraw(by=requester, request=request, at=timezone.now())
    assert request.approvals.get().state == ApprovalState.CANCELLED
    with pytest.raises(Decided):
        actions.withdraw(by=requester, request=request, at=timezone.now())
    with pytest.raises(Decided):
        decide(boss, request)


def test_the_same_is_asked_once_until_it_is_answered(
    requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    with pytest.raises(AskedAlready, match=request.number):
        ask_for_group(requester, group, account)
    ask_for_group(requester, group)  # for oneself is something else
    decide(boss, request, Verdict.REJECT, "No.")
    ask_for_group(requester, group, account)


def test_a_request_without_a_reason_is_none(requester: Identity, group: Group) -> None:
    with pytest.raises(ReasonMissing):
        actions.ask(
            by=requester,
            kind="group_membership",
            details={"group": str(group.pk)},
            reason="\n ",
            at=timezone.now(),
        )


def test_what_cannot_be_carried_out_says_so_and_is_tried_again(
    requester: Identity, boss: Identity, ada: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    decide(boss, request)
    Group.objects.update(may_be_requested=False)
    assert carry_out(request).state == State.FAILED
    assert "can be asked for" in request.failure
    assert not Membership.objects.exists()

    Group.objects.update(may_be_requested=True)
    actions.try_again(by=requester, request=request, at=timezone.now())
    assert carry_out(request).state == State.DONE


def test_nothing_is_done_for_who_is_gone(
    requester: Identity, boss: Identity, ada: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    decide(boss, request)
    identities.disable(by=ada, identity=requester, at=timezone.now())
    assert carry_out(request).state == State.FAILED
    assert not Membership.objects.exists()


def test_doing_it_twice_does_it_once(
    requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    decide(boss, request)
    carry_out(request)
    carry_out(request)
    assert Event.objects.filter(action="identity.group_joined").count() == 1


def test_what_is_done_is_what_was_approved(
    client_of: Callable[[Identity], Client],
    requester: Identity,
    boss: Identity,
    account: ServiceAccount,
    group: Group,
) -> None:
    request = ask_for_group(requester, group, account)
    decide(boss, request)
    draft = GroupDraft(group.name, may_be_requested=True)
    groups.edit(by=SYSTEM, group=group, draft=draft, revision=1, at=timezone.now())
    assert carry_out(request).state == State.FAILED
    assert "has changed since it was approved" in request.failure
    with pytest.raises(ChangedSince):
        actions.try_again(by=requester, request=request, at=timezone.now())
    shown = client_of(requester).get(f"/requests/{request.pk}/").content.decode()
    assert "Ask anew" in shown
    assert "Try again" not in shown
    assert not Membership.objects.exists()


def test_a_yes_to_something_else_is_asked_for_again(
    requester: Identity, boss: Identity, mallory: Identity
) -> None:
    draft = GroupDraft("G", manager=mallory, may_be_requested=True, approvers=Approvers.BOTH)
    group = groups.create(by=SYSTEM, draft=draft, at=timezone.now())
    request = ask_for_group(requester, group)
    decide(boss, request)
    Group.objects.update(name="G that gives more")
    decide(mallory, request)
    request.refresh_from_db()
    assert request.state == State.WAITING
    assert request.approvals.get(approver=boss).state == ApprovalState.REQUESTED
    decide(boss, request)
    assert carry_out(request).state == State.DONE


def test_a_service_account_asks_for_nothing_and_decides_nothing(
    otto: Identity, group: Group
) -> None:
    bot = make_account("bot", owner=otto).account.identity
    bot.manager = otto
    bot.save(update_fields=["manager"])
    with pytest.raises(NotAllowed):
        ask_for_group(bot, group)


def test_a_delegate_who_is_asked_already_passes_it_on(
    requester: Identity, boss: Identity, ada: Identity, group: Group
) -> None:
    now = timezone.now()
    request = ask_for_group(requester, group)
    later = now + timedelta(days=1)
    delegating.set_delegate(by=requester, delegate=boss, since=now, until=later, at=now)
    upkeep()
    assert approvers(request) == {None}
    decide(ada, request)


def test_passing_on_leaves_no_request_with_nobody(
    requester: Identity, boss: Identity, ada: Identity, mallory: Identity
) -> None:
    draft = GroupDraft("G", manager=mallory, may_be_requested=True, approvers=Approvers.BOTH)
    request = ask_for_group(requester, groups.create(by=SYSTEM, draft=draft, at=timezone.now()))
    identities.disable(by=ada, identity=boss, at=timezone.now())
    upkeep()
    decide(ada, request)
    identities.disable(by=ada, identity=mallory, at=timezone.now())
    upkeep()
    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_what_a_former_owner_asked_for_is_not_done(
    requester: Identity, boss: Identity, mallory: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    decide(boss, request)
    ServiceAccount.objects.update(owner=mallory)
    assert carry_out(request).state == State.FAILED
    assert not Membership.objects.exists()


def test_trying_again_beside_the_same_request_is_refused_in_words(
    requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    first = ask_for_group(requester, group, account)
    decide(boss, first)
    Group.objects.update(may_be_requested=False)
    assert carry_out(first).state == State.FAILED
    Group.objects.update(may_be_requested=True)
    second = ask_for_group(requester, group, account)
    with pytest.raises(AskedAlready, match=second.number):
        actions.try_again(by=requester, request=first, at=timezone.now())
