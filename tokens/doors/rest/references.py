"""Other objects that a body names by their ids."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts.identities import naming
from accounts.models import Identity
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import NobodyMeant, invalid

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
        NobodyMeant: there is none, or there are several; `field` names the member.
        TooManyTries: that was so too often lately.
    """
    found = naming.meant(text, by=request.by)
    if found is None:
        raise NobodyMeant(field)
    return found
