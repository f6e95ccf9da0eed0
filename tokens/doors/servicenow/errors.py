"""Refusals in the vendor's words."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from accounts.groups.actions import GroupGone
from accounts.identities.locking import IdentityGone
from accounts.identities.policies import AboveOneself, LastAdministrator, OwnLevels
from accounts.lib.errors import DomainError
from tokens.access_tokens.claims import issuer

HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CONTENT_TYPE: Final = "application/json;charset=UTF-8"

GONE: Final = (IdentityGone, GroupGone)
CONFLICT: Final = "edit_conflict"
"""The code of every refusal because somebody else was faster."""
FORBIDDEN: Final = (AboveOneself, OwnLevels, LastAdministrator)
"""What the caller may not do for whom it concerns, whatever they may do else."""
NOT_AUTHENTICATED: Final = "User Not Authenticated"
NO_RECORD: Final = "No Record found"
NO_RECORD_DETAIL: Final = "Record doesn't exist or ACL restricts the record retrieval"
FAILED: Final = "Operation Failed"


class Refused(Exception):
    """A call that the door itself refuses: what it asks for is not there, or not so."""

    def __init__(
        self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, *, detail: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.detail = message, status, detail


def not_found() -> Refused:
    return Refused(NO_RECORD, HTTPStatus.NOT_FOUND, detail=NO_RECORD_DETAIL)


def forbidden(detail: str) -> Refused:
    return Refused(FAILED, HTTPStatus.FORBIDDEN, detail=detail)


def problem(status: HTTPStatus, message: str, *, detail: str = "") -> HttpResponse:
    """An error as the vendor's clients read it."""
    if status == HTTPStatus.UNAUTHORIZED:
        message, detail = NOT_AUTHENTICATED, message
    said = {"message": message, "detail": detail or None}
    return answer({"error": said, "status": "failure"}, status)


def answer(body: Any, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(
        text.encode("utf-8", "replace"), status=status, headers=HEADERS, content_type=CONTENT_TYPE
    )


def result(found: Any, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return answer({"result": found}, status)


def done() -> HttpResponse:
    """An answer that says nothing more."""
    response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers=HEADERS)
    del response["Content-Type"]
    return response


def of_domain(error: DomainError) -> HttpResponse:
    """What the domain refused for another reason than rights, with what it says to do about it."""
    if isinstance(error, GONE):
        return problem(HTTPStatus.NOT_FOUND, NO_RECORD, detail=error.message)
    if error.code == CONFLICT:
        return problem(HTTPStatus.CONFLICT, FAILED, detail=error.message)
    text = f"{error.field}: {error.message}" if error.field else error.message
    return problem(HTTPStatus.BAD_REQUEST, FAILED, detail=text)


def page_of_request(kind: str, query: str = "") -> str:
    """Where a person asks for what a program may not take."""
    address = reverse("requests:new", args=[kind], urlconf=settings.ROOT_URLCONF)
    return f"{issuer()}{address}{f'?{query}' if query else ''}"
