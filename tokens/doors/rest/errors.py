"""Refusals as problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse

from accounts.audit.context import current
from accounts.lib.errors import DomainError
from accounts.lib.tries import TooManyTries
from accounts.profiles.transforms.base import BadDefinition

HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CONTENT_TYPE: Final = "application/problem+json"

CONFLICTING: Final = ("_taken", "_in_use", "too_many", "has_children", "immutable", "duplicate_key")
"""How codes end of what is refused because of what there is already, though a field is named."""
BY_CODE: Final = {
    "no_room": HTTPStatus.INSUFFICIENT_STORAGE,
    TooManyTries.code: HTTPStatus.TOO_MANY_REQUESTS,
}
NOT_THEIRS: Final = frozenset(
    {"above_oneself", "own_account", "not_your_pickup", "key_beyond_token"}
)
"""What somebody may do, but not to this object, or not by this token."""
MOST_PROBLEMS: Final = 20
"""Of one transform that a refusal tells of."""


class Refused(Exception):
    """A call that the door itself refuses: what it asks for is not there, or not so."""

    def __init__(
        self, status: HTTPStatus, message: str, *, code: str = "", field: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.field = status, message, code, field


class NobodyMeant(Refused):
    """A name that is nobody's, or of several; counted once no transaction takes it back."""

    def __init__(self, field: str) -> None:
        said = "There is no other person of this name who can sign in."
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, said, code="invalid", field=field)


@contextmanager
def placed(fields: Mapping[str, str]) -> Iterator[None]:
    """What the domain calls otherwise than this API is said where it was sent."""
    try:
        yield
    except DomainError as error:
        error.field = fields.get(error.field or "", error.field or "")
        raise


def not_found(what: str = "object") -> Refused:
    """It is not there, or not for whoever asks to see."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is no such {what}.", code="not_found")


def invalid(field: str, message: str) -> Refused:
    """A member of the body, or a parameter, that cannot be taken as it is."""
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="invalid", field=field)


def problem(status: HTTPStatus, message: str) -> HttpResponse:
    """A refusal with nothing to say but its reason."""
    return told(status, message)


def told(
    status: HTTPStatus, message: str, *, code: str = "", errors: Sequence[dict[str, str]] = ()
) -> HttpResponse:
    """A refusal; `errors` say of each member of the body or parameter what is wrong with it."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": message,
        "code": code or status.name.lower(),
        "request_id": current().request_id,
    }
    if errors:
        body["errors"] = list(errors)
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(
        text.encode("utf-8", "replace"), status=status, headers=HEADERS, content_type=CONTENT_TYPE
    )


def of_refusal(refusal: Refused) -> HttpResponse:
    errors = [{"field": refusal.field, "message": refusal.message}] if refusal.field else []
    return told(refusal.status, refusal.message, code=refusal.code, errors=errors)


def of_domain(error: DomainError) -> HttpResponse:
    """What the domain refused, with what it says to do about it."""
    if isinstance(error, BadDefinition):
        errors = [
            {"field": problem.path.removeprefix("$."), "message": problem.message}
            for problem in error.problems[:MOST_PROBLEMS]
        ]
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return told(status, error.message, code=error.code, errors=errors)
    errors = [{"field": error.field, "message": error.message}] if error.field else []
    answer = told(status_of(error), error.message, code=error.code, errors=errors)
    if isinstance(error, TooManyTries):
        answer["Retry-After"] = str(error.wait_seconds)
    return answer


def status_of(error: DomainError) -> HTTPStatus:
    """By the code of a refusal, which says of what kind it is."""
    if error.code.endswith("gone"):
        return HTTPStatus.NOT_FOUND
    if error.code.endswith("conflict"):
        return HTTPStatus.PRECONDITION_FAILED
    if error.code in NOT_THEIRS:
        return HTTPStatus.FORBIDDEN
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    if error.field and not error.code.endswith(CONFLICTING):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.CONFLICT
