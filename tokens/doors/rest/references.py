"""Other objects that a body names by their ids."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts.identities.queries import named
from accounts.models import Identity
from tokens.doors.rest.calls import Request
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


def person_meant(request: Request, text: str, field: str) -> Identity:
    """The person that a member names by user name or e-mail address, other than the caller.

    Raises:
        Refused: there is none, or there are several; `field` names the member.
    """
    found = named(text, but=request.by)
    if found is None:
        raise invalid(field, "There is no other person of this name who can sign in.")
    return found
