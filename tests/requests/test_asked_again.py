"""A yes counts for what was read: what has changed since is asked again, and everybody sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import actions as groups
from accounts.groups.actions import GroupDraft
from accounts.groups.models import Approvers
from accounts.identities import actions as identities
from accounts.models import AccessRequest, Event, Group, Identity
from accounts.requests.states import ApprovalState, State
from accounts.requests.upkeep import run as upkeep
from console.requests.mail import send_due
from tests.factories.requests import ask_for_group, decide

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def request_(requester: Identity, boss: Identity, mallory: Identity) -> AccessRequest:
    """Asked of Boss and of Mallory; Boss has approved it, and then it came to something else."""
    draft = GroupDraft("G", manager=mallory, may_be_requested=True, approvers=Approvers.BOTH)
    group = groups.create(by=SYSTEM, draft=draft, at=timezone.now())
    made = ask_for_group(requester, group)
    decide(boss, made)
    send_due()
    mail.outbox.clear()
    Group.objects.update(name="G that gives more")
    return made


def page(client: Client, request: AccessRequest) -> str:
    return client.get(f"/requests/{request.pk}/").content.decode()


def test_within_a_minute_who_approved_is_asked_again(
    request_: AccessRequest, boss: Identity
) -> None:
    upkeep()
    part = request_.approvals.get(approver=boss)
    assert (part.state, part.decided_by, part.is_asked_again) == (
        ApprovalState.REQUESTED,
        None,
        True,
    )
    send_due()
    [message] = mail.outbox
    assert message.to == ["boss@example.com"]
    assert "what it comes to has changed since" in message.body
    told = Event.objects.get(action="request.asked_again")
    assert told.detail["approved_before"] == ["boss"]
    upkeep()
    send_due()
    assert len(mail.outbox) == 1, "once"


def test_the_page_says_so_before_and_after(
    request_: AccessRequest, client_of: ClientOf, requester: Identity, boss: Identity
) -> None:
    browser = client_of(requester)
    shown = page(browser, request_)
    assert "and will be asked again" in shown
    assert "What it comes to has changed" in shown
    upkeep()
    shown = page(browser, request_)
    assert "and is asked again" in shown
    assert "What it comes to has changed" in shown
    assert "Approve</button>" in page(client_of(boss), request_)


def test_approved_anew_it_goes_on(
    request_: AccessRequest, client_of: ClientOf, boss: Identity, mallory: Identity
) -> None:
    upkeep()
    decide(boss, request_)
    request_.refresh_from_db()
    assert request_.state == State.WAITING
    assert "asked again" not in page(client_of(boss), request_)
    decide(mallory, request_)
    request_.refresh_from_db()
    assert request_.state == State.APPROVED


def test_administrators_who_take_the_place_are_asked_for_the_first_time(
    request_: AccessRequest, ada: Identity, boss: Identity
) -> None:
    upkeep()
    identities.disable(by=ada, identity=boss, at=timezone.now())
    upkeep()
    assert not request_.approvals.get(approver=None).is_asked_again
