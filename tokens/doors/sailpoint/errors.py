"""Refusals in the vendor's words."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse

from accounts.audit.context import current
from accounts.identities.actions import EditConflict as IdentityConflict
from accounts.identities.locking import IdentityGone
from accounts.imports.files.uploads import NoRoom
from accounts.jobs.actions import AlreadyRunning
from accounts.lib.errors import DomainError
from accounts.profiles.actions import ProfileGone
from accounts.profiles.library import EditConflict as TransformConflict
from accounts.profiles.library import TransformGone
from accounts.profiles.processing.actions import AlreadyProcessing
from accounts.sources.actions import EditConflict as SourceConflict
from accounts.sources.actions import SourceGone
from tokens.credentials.within import BeyondToken

HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CONTENT_TYPE: Final = "application/json"

GONE: Final = (IdentityGone, ProfileGone, SourceGone, TransformGone)
MEMBERS: Final = {
    "access_token_seconds": "accessTokenValiditySeconds",
    "definition": "",  # all of what was sent
    "delete_threshold_percent": "deleteThreshold",
    "expires_at": "expirationDate",
    "levels": "capabilities",
    "scopes": "scope",
}
"""What the vendor's documents call what we call otherwise."""
AT_WORK: Final = (
    AlreadyProcessing,
    AlreadyRunning,
    IdentityConflict,
    SourceConflict,
    TransformConflict,
)
"""What passes by itself: the same call is good again later."""


class Refused(Exception):
    """A call that is refused by the door itself: what it asks for is not there, or not so."""

    def __init__(
        self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, *, detail: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.detail = message, status, detail


def not_found(what: str = "object") -> Refused:
    return Refused(f"The requested {what} was not found.", HTTPStatus.NOT_FOUND)


def problem(status: HTTPStatus, message: str, *, detail: str = "") -> HttpResponse:
    """An error as the vendor's clients read it; of a missing or bad token it is short."""
    if status == HTTPStatus.UNAUTHORIZED:
        return answer({"error": message}, status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return answer({"message": " Rate Limit Exceeded "}, status)
    said = {"locale": "en-US", "localeOrigin": "DEFAULT", "text": message}
    return answer(
        {
            "detailCode": detail or f"{status.value} {status.phrase}",
            "trackingId": _tracking_id(),
            "messages": [said],
            "causes": [],
        },
        status,
    )


def answer(body: Any, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(
        text.encode("utf-8", "replace"), status=status, headers=HEADERS, content_type=CONTENT_TYPE
    )


def done(status: HTTPStatus = HTTPStatus.NO_CONTENT) -> HttpResponse:
    """An answer that says nothing more."""
    response = HttpResponse(status=status, headers=HEADERS)
    del response["Content-Type"]
    return response


def of_domain(error: DomainError) -> HttpResponse:
    """What the domain refused, with what it says to do about it."""
    if isinstance(error, GONE):
        return problem(HTTPStatus.NOT_FOUND, error.message)
    if isinstance(error, AT_WORK):
        return problem(HTTPStatus.CONFLICT, error.message)
    if isinstance(error, NoRoom):
        return problem(HTTPStatus.INSUFFICIENT_STORAGE, error.message)
    if isinstance(error, BeyondToken):
        return problem(HTTPStatus.FORBIDDEN, error.message)
    name = MEMBERS.get(error.field, error.field) if error.field else ""
    text = f"{name}: {error.message}" if name else error.message
    return problem(HTTPStatus.BAD_REQUEST, text)


def _tracking_id() -> str:
    """The id of the request in the audit log and the server's own, as 32 hexadecimal digits."""
    known = current().request_id
    is_hex = bool(known) and set(known) <= set("0123456789abcdef") and len(known) <= 32
    return known.rjust(32, "0") if is_hex else secrets.token_hex(16)
