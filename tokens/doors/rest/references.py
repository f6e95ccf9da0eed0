"""Other objects that a body names by their ids."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from tokens.doors.rest.errors import invalid

M = TypeVar("M", bound=Model)


def meant(rows: QuerySet[M], pk: UUID | None, field: str, what: str) -> M | None:
    """The row that a member of a body names; `rows` are those that may be meant.

    Raises:
        Refused: there is none; `field` names the member.
    """
    if pk is None:
        return None
    found = rows.filter(pk=pk).first()
    if found is None:
        raise invalid(field, f"There is no such {what}.")
    return found
