"""What waits goes on by itself, also where one of those that wait cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import actions as groups
from accounts.groups.actions import GroupDraft
from accounts.groups.models import Approvers
from accounts.identities import actions as identities
from accounts.models import AccessRequest, Group, Identity
from accounts.requests.states import State
from accounts.requests.upkeep import run as upkeep
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.factories.requests import ask_for_group, decide

pytestmark = pytest.mark.django_db


def test_a_group_that_was_closed_keeps_no_other_request_from_going_on(
    requester: Identity, boss: Identity, ada: Identity, mallory: Identity
) -> None:
    draft = GroupDraft("Closed", manager=mallory, may_be_requested=True, approvers=Approvers.BOTH)
    closed = groups.create(by=SYSTEM, draft=draft, at=timezone.now())
    stuck = ask_for_group(requester, closed)
    decide(mallory, stuck)
    Group.objects.update(may_be_requested=False)
    open_group = make_group("Open", may_be_requested=True)
    late, other = ask_for_group(requester, open_group), make_person("other", levels=["admin"])
    AccessRequest.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=1))
    again = ask_for_group(other, open_group)
    identities.disable(by=ada, identity=boss, at=timezone.now())

    upkeep()

    late.refresh_from_db()
    stuck.refresh_from_db()
    assert (late.state, stuck.state) == (State.LAPSED, State.WAITING)
    assert set(stuck.approvals.values_list("approver__user_name", flat=True)) == {"mallory", None}
    assert decide(ada, again).state == State.APPROVED
