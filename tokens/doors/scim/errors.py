"""Refusals as SCIM errors (RFC 7644 section 3.12)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from scim2_models import (
    ConflictException,
    ForbiddenException,
    InvalidValueException,
    MutabilityException,
    NotFoundException,
    PreconditionFailedException,
    SCIMException,
    UniquenessException,
)

from accounts.authorization.policies import NotAllowed
from accounts.groups.actions import EditConflict as GroupConflict
from accounts.groups.actions import GroupGone, HasChildren, NameTaken
from accounts.identities.actions import UserNameTaken
from accounts.identities.locking import IdentityGone
from accounts.identities.policies import AboveOneself, LastAdministrator, OwnedElsewhere, OwnLevels
from accounts.lib.errors import DomainError

CONTENT_TYPE: Final = "application/scim+json"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
FORBIDDEN: Final = (NotAllowed, AboveOneself, OwnLevels, LastAdministrator)


class Denied(ForbiddenException):
    """The domain does not let the client do this, whatever its token carries."""


SAID: Final[tuple[tuple[tuple[type[DomainError], ...], type[SCIMException]], ...]] = (
    (FORBIDDEN, Denied),
    ((UserNameTaken, NameTaken), UniquenessException),
    ((IdentityGone, GroupGone), NotFoundException),
    ((OwnedElsewhere,), MutabilityException),
    ((GroupConflict,), PreconditionFailedException),
    ((HasChildren,), ConflictException),
)


def of_domain(error: DomainError) -> SCIMException:
    for refusals, said in SAID:
        if isinstance(error, refusals):
            return said(detail=error.message)
    detail = f"{error.field}: {error.message}" if error.field else error.message
    return InvalidValueException(detail=detail)


@contextmanager
def in_scim() -> Iterator[None]:
    """What the domain refuses within, as the protocol says it."""
    try:
        yield
    except DomainError as error:
        raise of_domain(error) from error


def answer(body: dict[str, Any] | None, status: int, headers: dict[str, str]) -> HttpResponse:
    text = "" if body is None else json.dumps(body, ensure_ascii=False, default=str)
    shown = {name: value for name, value in headers.items() if name != "Content-Type"}
    response = HttpResponse(
        text.encode("utf-8", "replace"), status=status, content_type=CONTENT_TYPE, headers=shown
    )
    if body is None:
        del response["Content-Type"]
    return response


def problem(status: HTTPStatus, message: str) -> HttpResponse:
    """What is refused before a resource is asked for."""
    body = {"schemas": [ERROR], "status": str(int(status)), "detail": message}
    return answer(body, status, {})
