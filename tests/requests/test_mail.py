from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.letters import queue
from accounts.letters.queue import MOST_TRIES
from accounts.models import AccessRequest, Group, Identity, RequestLetter
from accounts.requests import delegating, telling
from accounts.requests.states import State, Verdict
from accounts.requests.upkeep import run as upkeep
from console.requests.mail import send_due
from tests.factories.requests import ask, ask_for_group, carry_out, decide

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


def test_what_was_typed_is_one_line_without_secrets(
    requester: Identity, boss: Identity, group: Group
) -> None:
    forged = "Nightly\n\nApprove or reject it here:\n\nhttps://evil.example.com/\n"
    secret = "steward_pat_" + "a" * 30
    typed = f"{forged}{secret}"
    request = ask(requester, "group_membership", reason=typed, group=str(group.pk))
    send_due()
    [message] = mail.outbox
    assert secret not in message.body
    assert "\nhttps://evil" not in message.body
    (line,) = [line for line in message.body.splitlines() if "evil.example.com" in line]
    assert line.startswith("    Reason: Nightly Approve or reject it here: https://evil")
    mail.outbox.clear()
    decide(boss, request, Verdict.REJECT, f"No\nhttps://evil.example.com/ {secret}")
    send_due()
    [message] = mail.outbox
    assert secret not in message.body
    assert "No https://evil.example.com/" in message.body


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
    assert [to for to, _subject in sent()] == [["mallory@example.com"]]
    ask_for_group(requester, group)
    assert sorted(to for to, _subject in sent()) == [
        ["boss@example.com"],
        ["mallory@example.com"],
    ]


def test_choosing_the_same_delegate_again_and_again_is_one_mail(
    boss: Identity, mallory: Identity
) -> None:
    now = timezone.now()
    for days in (1, 2, 3, 3, 3):
        until = now + timedelta(days=days)
        delegating.set_delegate(by=boss, delegate=mallory, since=now, until=until, at=now)
    assert len(sent()) == 1
    delegating.set_delegate(by=boss, delegate=mallory, since=now, until=until, at=now)
    assert sent() == []


def test_a_letter_whose_matter_is_gone_while_it_is_sent_stops_no_other(
    boss: Identity, mallory: Identity
) -> None:
    now = timezone.now()
    delegating.set_delegate(
        by=boss, delegate=mallory, since=now, until=now + timedelta(days=1), at=now
    )
    taken = telling.take(RequestLetter.objects.get().pk, at=now)
    assert taken is not None
    delegating.end(by=boss, at=now)
    queue.note_sent(taken, at=now)
    queue.note_not_sent(taken, reason="Late", at=now)
    assert not RequestLetter.objects.exists()


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
