"""Mail about takeovers: written with what it tells of, sent by the worker, tried again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.identities.models import Identity
from accounts.letters import queue
from accounts.takeovers.models import Message, Takeover, TakeoverLetter


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
    return queue.take(TakeoverLetter, letter_id, at=at, is_needless=_is_needless)


def _is_needless(letter: TakeoverLetter) -> bool:
    waits = Takeover.objects.waiting().for_person(letter.recipient)
    return letter.message == Message.WAITING and not waits.exists()
