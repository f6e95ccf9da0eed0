"""Mail about takeovers: written with what it tells of, sent by the worker, tried again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.audit.plain import one_line
from accounts.identities.models import Identity
from accounts.takeovers.models import Message, Takeover, TakeoverLetter

MOST_TRIES: Final = 8
"""Of one mail, 2, 4, 8, ... minutes apart: some eight hours, then it is given up."""
TAKEN_FOR: Final = timedelta(minutes=5)
"""A worker that dies with a letter in its hand leaves it to another after that."""


def tell_takers(takers: Iterable[Identity], *, at: datetime) -> None:
    """Write to each of them once, however much waits; in the transaction of the caller."""
    TakeoverLetter.objects.bulk_create(
        [
            TakeoverLetter(recipient=each, message=Message.WAITING, written_at=at, next_try_at=at)
            for each in {each.pk: each for each in takers}.values()
        ],
        ignore_conflicts=True,  # one that was not tried yet tells of this as well
    )


def tell_giver(takeover: Takeover, *, at: datetime) -> None:
    """Write to who offered it what became of it; in the transaction of the caller."""
    TakeoverLetter.objects.create(
        recipient=takeover.giver,
        message=Message.ANSWERED,
        takeover=takeover,
        written_at=at,
        next_try_at=at,
    )


def take(letter_id: int, *, at: datetime) -> TakeoverLetter | None:
    """A letter that is due, for whoever sends it; None where another has it, or it is needless."""
    with transaction.atomic():
        rows = TakeoverLetter.objects.due_at(at).select_for_update(of=("self",), skip_locked=True)
        found = rows.select_related("recipient").filter(pk=letter_id).first()
        if found is None:
            return None
        waits = Takeover.objects.waiting().for_person(found.recipient)
        needless = found.message == Message.WAITING and not waits.exists()
        if needless or not found.recipient.email or not found.recipient.is_active:
            found.next_try_at = None
            found.save(update_fields=["next_try_at"])
            return None
        found.tries += 1
        found.next_try_at = at + TAKEN_FOR
        found.save(update_fields=["next_try_at", "tries"])
    return found


def note_sent(letter: TakeoverLetter, *, at: datetime) -> None:
    TakeoverLetter.objects.filter(pk=letter.pk).update(sent_at=at, next_try_at=None, failure="")


def note_not_sent(letter: TakeoverLetter, *, reason: str, at: datetime) -> None:
    again = None if letter.tries >= MOST_TRIES else at + timedelta(minutes=2**letter.tries)
    TakeoverLetter.objects.filter(pk=letter.pk).update(
        next_try_at=again, failure=one_line(reason, 200)
    )
