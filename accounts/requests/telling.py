"""Mail about requests: written with what it tells of, sent by the worker, tried again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max

from accounts.identities.models import Identity
from accounts.letters import queue
from accounts.requests.deciders import parts_of
from accounts.requests.models import AccessRequest, Delegation, Message, RequestLetter
from accounts.requests.states import State

REMIND_AFTER: Final = timedelta(days=3)


def tell_approvers(
    request: AccessRequest, *, at: datetime, message: Message, only: Collection[int] | None = None
) -> None:
    """Write to all who can decide now, or decide `only` those parts; in the transaction of the
    caller."""
    parts = [part for part in parts_of(request, at=at) if only is None or part.approval.pk in only]
    able = (each.person for part in parts for each in part.deciders)
    _write(request, {each.pk: each for each in able}.values(), message, at)


def tell_delegate(delegation: Delegation, *, at: datetime) -> None:
    """Write to who is to decide in another's place; in the transaction of the caller.

    What has not been sent yet would tell what is no more: so one letter waits, however often
    somebody chooses anew.
    """
    RequestLetter.objects.filter(delegation=delegation, sent_at=None).delete()
    RequestLetter.objects.create(
        delegation=delegation,
        recipient=delegation.delegate,
        message=Message.DELEGATED,
        written_at=at,
        next_try_at=at,
    )


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

    What is decided meanwhile waits for nobody any more, and nobody is asked about it; nor is
    anybody told of a delegation that is over, or another's.
    """
    return queue.take(
        RequestLetter,
        letter_id,
        at=at,
        related=("request__requester", "delegation__person"),
        is_needless=lambda letter: _is_needless(letter, at),
    )


def _is_needless(letter: RequestLetter, at: datetime) -> bool:
    if letter.delegation is not None:
        found = letter.delegation
        return found.delegate_id != letter.recipient_id or found.until <= at
    assert letter.request is not None  # as the constraint says
    return letter.message != Message.ENDED and letter.request.state != State.WAITING


def _write(
    request: AccessRequest, people: Iterable[Identity], message: Message, at: datetime
) -> None:
    RequestLetter.objects.bulk_create(
        RequestLetter(
            request=request, recipient=each, message=message, written_at=at, next_try_at=at
        )
        for each in people
    )
