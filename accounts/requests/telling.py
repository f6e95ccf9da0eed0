"""Mail about requests: written with what it tells of, sent by the worker, tried again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max

from accounts.audit.plain import one_line
from accounts.authorization.permissions import Permission
from accounts.identities import queries as identities
from accounts.identities.models import Identity
from accounts.requests.models import AccessRequest, Approval, Message, RequestLetter
from accounts.requests.routing import deputy_of
from accounts.requests.states import State

MOST_TRIES: Final = 8
"""Of one mail, 2, 4, 8, ... minutes apart: some eight hours, then it is given up."""
REMIND_AFTER: Final = timedelta(days=3)
MOST_ADMINISTRATORS: Final = 20
"""Who are told of what waits for any of them."""
TAKEN_FOR: Final = timedelta(minutes=5)
"""A worker that dies with a letter in its hand leaves it to another after that."""


def tell_approvers(request: AccessRequest, *, at: datetime, message: Message) -> None:
    """Write to all who can decide now; in the transaction of the caller."""
    parts = Approval.objects.waiting().filter(request=request).select_related("approver")
    people: dict[object, Identity] = {}
    for part in parts:
        for each in _who_decides(part, at):
            if each.pk != request.requester_id:
                people[each.pk] = each
    _write(request, people.values(), message, at)


def tell_requester(request: AccessRequest, *, at: datetime) -> None:
    """Write to who asked what became of it; in the transaction of the caller."""
    _write(request, [request.requester], Message.ENDED, at)


def remind(*, at: datetime, most: int = 200) -> int:
    """Write again to whom a request has waited for some days; answers about how many."""
    long_ago = at - REMIND_AFTER
    waiting = (
        AccessRequest.objects.filter(state=State.WAITING, asked_at__lte=long_ago, due_at__gt=at)
        .annotate(last=Max("letters__written_at"))
        .exclude(last__gt=long_ago)
    )
    reminded = 0
    for request in waiting.order_by("asked_at")[:most]:
        with transaction.atomic():
            rows = AccessRequest.objects.select_for_update(skip_locked=True)
            current = rows.filter(pk=request.pk, state=State.WAITING).first()
            if current is None or current.letters.filter(written_at__gt=long_ago).exists():
                continue
            tell_approvers(current, at=at, message=Message.REMINDER)
            reminded += 1
    return reminded


def take(letter_id: int, *, at: datetime) -> RequestLetter | None:
    """A letter that is due, for whoever sends it; None where another has it, or it is needless.

    What is decided meanwhile waits for nobody any more, and nobody is asked about it.
    """
    with transaction.atomic():
        rows = RequestLetter.objects.due_at(at).select_for_update(of=("self",), skip_locked=True)
        found = rows.select_related("request__requester", "recipient").filter(pk=letter_id).first()
        if found is None:
            return None
        is_over = found.message != Message.ENDED and found.request.state != State.WAITING
        if is_over or not found.recipient.email or not found.recipient.is_active:
            found.next_try_at = None
            found.save(update_fields=["next_try_at"])
            return None
        found.next_try_at = at + TAKEN_FOR
        found.save(update_fields=["next_try_at"])
    return found


def note_sent(letter: RequestLetter, *, at: datetime) -> None:
    RequestLetter.objects.filter(pk=letter.pk).update(sent_at=at, next_try_at=None, failure="")


def note_not_sent(letter: RequestLetter, *, reason: str, at: datetime) -> None:
    tries = letter.tries + 1
    again = None if tries >= MOST_TRIES else at + timedelta(minutes=2**tries)
    RequestLetter.objects.filter(pk=letter.pk).update(
        tries=tries, next_try_at=again, failure=one_line(reason, 200)
    )


def _who_decides(part: Approval, at: datetime) -> list[Identity]:
    if part.approver is None:
        return identities.who_may(Permission.REQUEST_DECIDE, limit=MOST_ADMINISTRATORS)
    deputy = deputy_of(part.approver, at)
    return [part.approver, deputy] if deputy else [part.approver]


def _write(
    request: AccessRequest, people: Iterable[Identity], message: Message, at: datetime
) -> None:
    RequestLetter.objects.bulk_create(
        RequestLetter(
            request=request, recipient=each, message=message, written_at=at, next_try_at=at
        )
        for each in people
    )
