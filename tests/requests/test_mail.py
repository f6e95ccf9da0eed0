from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.letters.queue import MOST_TRIES
from accounts.models import AccessRequest, Group, Identity, RequestLetter
from accounts.requests import delegating
from accounts.requests.states import State, Verdict
from accounts.requests.upkeep import run as upkeep
from console.requests.mail import send_due
from tests.factories.requests import ask_for_group, carry_out, decide

pytestmark = pytest.mark.django_db


def sent() -> list[tuple[list[str], str]]:
    """To whom, and about what; what was there before is forgotten."""
    send_due()
    found = [(message.to, str(message.subject)) for message in mail.outbox]
    mail.outbox.clear()
    return found


def test_the_approver_is_told_with_a_link_and_who_asked_of_the_end(
    requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    send_due()
    [message] = mail.outbox
    assert message.to == ["boss@example.com"]
    assert message.subject == f"Otto asks you: Membership of a group ({request.number})"
    assert f"http://127.0.0.1:8000/requests/{request.pk}/\n" in message.body
    assert "For the nightly export" in message.body
    assert f"Group: {group.name}; " in message.body
    mail.outbox.clear()
    assert sent() == []

    decide(boss, request)
    assert sent() == []  # it is told once it is done
    carry_out(request)
    assert sent() == [(["otto@example.com"], f"{request.number}: Carried out")]


def test_a_rejection_is_told(requester: Identity, boss: Identity, group: Group) -> None:
    request = ask_for_group(requester, group)
    decide(boss, request, Verdict.REJECT, "Not needed for this.")
    send_due()
    [message] = mail.outbox
    assert (message.to, message.subject) == (["otto@example.com"], f"{request.number}: Rejected")
    assert "Not needed for this." in message.body


def test_administrators_are_told_where_nobody_else_decides(
    otto: Identity, ada: Identity, group: Group
) -> None:
    ask_for_group(otto, group)
    assert [to for to, _subject in sent()] == [["ada@example.com"]]


def test_a_delegate_is_told_as_well(
    requester: Identity, boss: Identity, mallory: Identity, group: Group
) -> None:
    now = timezone.now()
    later = now + timedelta(days=1)
    delegating.set_delegate(by=boss, delegate=mallory, since=now, until=later, at=now)
    sent()
    ask_for_group(requester, group)
    assert sorted(to for to, _subject in sent()) == [
        ["boss@example.com"],
        ["mallory@example.com"],
    ]


def test_what_waits_is_told_again_every_three_days_until_it_is_decided(
    requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    sent()
    upkeep()
    assert sent() == []
    four_days = timedelta(days=4)
    AccessRequest.objects.update(asked_at=request.asked_at - four_days)
    RequestLetter.objects.update(written_at=request.asked_at - four_days)
    upkeep()
    upkeep()
    assert [to for to, _subject in sent()] == [["boss@example.com"]]

    RequestLetter.objects.update(written_at=request.asked_at - four_days)
    decide(boss, request)
    upkeep()
    assert RequestLetter.objects.filter(message="reminder").count() == 1


def test_a_dead_server_loses_nothing_and_it_is_given_up_in_the_end(
    requester: Identity, boss: Identity, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise ConnectionRefusedError("no mail server")

    ask_for_group(requester, group)
    with monkeypatch.context() as patched:
        patched.setattr("console.ui.letters.send", refuse)
        send_due()
        letter = RequestLetter.objects.get()
        assert (letter.tries, letter.failure) == (1, "no mail server")
        assert letter.next_try_at is not None
        assert letter.next_try_at > timezone.now()
        RequestLetter.objects.update(tries=MOST_TRIES - 1, next_try_at=timezone.now())
        send_due()
        assert RequestLetter.objects.get().next_try_at is None
    RequestLetter.objects.update(next_try_at=timezone.now())
    assert [to for to, _subject in sent()] == [["boss@example.com"]]
    assert RequestLetter.objects.get().sent_at is not None


def test_nobody_is_asked_about_what_is_decided_by_then(
    requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    decide(boss, request)
    assert carry_out(request).state == State.DONE
    assert [subject for _to, subject in sent()] == [f"{request.number}: Carried out"]
