"""Letters are taken one by one, sent outside of any transaction, and tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from accounts.audit.plain import one_line
from accounts.letters.models import Letter

MOST_TRIES: Final = 8
"""Of one mail, 2, 4, 8, ... minutes apart: some eight hours, then it is given up."""
TAKEN_FOR: Final = timedelta(minutes=5)
"""A worker that dies with a letter in its hand leaves it to another after that."""

Some = TypeVar("Some", bound=Letter)


def due(letters: type[Some], *, at: datetime, most: int) -> list[int]:
    """The ids of those that are to be sent or tried again, the longest due first."""
    found = _rows(letters).filter(next_try_at__lte=at).order_by("next_try_at", "pk")
    return list(found.values_list("pk", flat=True)[:most])


def take(
    letters: type[Some],
    letter_id: int,
    *,
    at: datetime,
    related: tuple[str, ...] = (),
    is_needless: Callable[[Some], bool],
) -> Some | None:
    """A letter that is due, for whoever sends it; None where another has it, or it is needless."""
    with transaction.atomic():
        rows = _rows(letters).select_for_update(of=("self",), skip_locked=True)
        rows = rows.filter(pk=letter_id, next_try_at__lte=at)
        found = rows.select_related("recipient", *related).first()
        if found is None:
            return None
        if not found.recipient.email or not found.recipient.is_active or is_needless(found):
            found.next_try_at = None
            found.save(update_fields=["next_try_at"])
            return None
        found.tries += 1
        found.next_try_at = at + TAKEN_FOR
        found.save(update_fields=["next_try_at", "tries"])
    return found


def note_sent(letter: Letter, *, at: datetime) -> None:
    _note(letter, sent_at=at, next_try_at=None, failure="")


def note_not_sent(letter: Letter, *, reason: str, at: datetime) -> None:
    again = None if letter.tries >= MOST_TRIES else at + timedelta(minutes=2**letter.tries)
    _note(letter, next_try_at=again, failure=one_line(reason, 200))


def _note(letter: Letter, **values: Any) -> None:
    """What it tells of may be gone while it is on its way, and the letter with it."""
    _rows(type(letter)).filter(pk=letter.pk).update(**values)


def _rows(letters: type[Some]) -> QuerySet[Some]:
    return letters._default_manager.all()  # noqa: SLF001  the public name of an abstract one
