"""What is known of an operation of this API beside what it does."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel

from accounts.authorization.permissions import Permission

PREFIX: Final = "/api/v1"


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    """Below `/api/v1`, such as `/groups/{uuid:group_id}`."""
    scope: str
    """What the token needs; empty where any token will do."""
    needs: tuple[Permission, ...]
    """What the console asks for at the same place, any one of which is enough."""
    status: HTTPStatus
    has_body: bool
    matches: bool
    """Whether `If-Match` has to name the state that the caller has seen."""
    answers: type[BaseModel] | None
    once: bool = False
    """Whether a call may name itself, so that it is done once; what changes nothing need not."""
    most_bytes: int = 0
    """Of the file that comes in a form, where it takes one."""
    media: str = ""
    """What is answered in place of JSON."""
