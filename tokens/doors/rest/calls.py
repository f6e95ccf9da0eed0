"""From a request to an operation of this API: who calls, and whether they may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.models import Identity
from tokens.access_tokens import callers
from tokens.access_tokens.guard import Forbidden, bearer, deny
from tokens.access_tokens.verify import AccessToken
from tokens.doors.rest.errors import Refused, not_found, of_refusal, problem
from tokens.doors.rest.operations import Operation
from tokens.edge import uploads
from tokens.edge.bodies import is_storable_text
from tokens.edge.machine import machine
from tokens.edge.rate import Limit
from tokens.edge.refusals import Part
from tokens.scopes.effective import effective

M = TypeVar("M", bound=Model)

JSON_TYPES: Final = frozenset({"application/json"})
FORM_TYPE: Final = uploads.CONTENT_TYPE
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
LANGUAGE: Final = "en"
"""What a program reads does not change with `Accept-Language`."""

limit: Final = Limit()
"""As of the other doors, and counted apart from them."""


class Request(HttpRequest):
    """A request that may go on: what is asked for, and by whom."""

    by: Identity
    token: AccessToken
    now: datetime
    operation: Operation
    file: UploadedFile[bytes] | None
    """What was sent where an operation takes one."""


Run = Callable[..., HttpResponse]


def serve(
    operations: Mapping[str, Operation], run: Run, parameters: Callable[[Operation], frozenset[str]]
) -> Run:
    """The one view of an address, whose operations are told apart by their methods.

    `parameters` answers which ones may stand in the address of an operation.
    """
    by_method = dict(operations)
    if "GET" in by_method:
        by_method["HEAD"] = by_method["GET"]

    def address(request: HttpRequest, /, **parts: Any) -> HttpResponse:
        operation = by_method[str(request.method)]
        now = timezone.now()
        found: list[Identity] = []

        def check(token: AccessToken) -> Sequence[str]:
            found.append(callers.identity_of(token))
            return _used(found[0], token, operation)

        @bearer(problem, needs=check)
        def guarded(request: HttpRequest, token: AccessToken) -> HttpResponse:
            if seconds := limit.wait(str(token.credential_id)):
                return callers.too_often(request, token, problem, seconds)
            call: Request = request  # type: ignore[assignment]
            call.by, call.token, call.now, call.operation = found[0], token, now, operation
            call.file = None
            try:
                _check_form(call, parameters(operation))
            except Refused as refusal:
                return of_refusal(refusal)
            asked = call.method
            call.method = operation.method  # HEAD is answered as GET is
            try:
                return run(call, **parts)
            finally:
                call.method = asked

        with translation.override(LANGUAGE):
            return guarded(request)

    # only what is posted brings a file; `console.wsgi` asks before any of it is read
    address.most_bytes = operations["POST"].most_bytes if "POST" in operations else 0  # type: ignore[attr-defined]
    return machine(problem, *by_method)(address)


def _used(identity: Identity, token: AccessToken, operation: Operation) -> Sequence[str]:
    """Which scope of the token the call uses.

    Raises:
        Forbidden: the token does not carry it, or neither level nor role lets the holder do this.
    """
    if not operation.scope:
        return ()
    rights = effective(callers.held_by(identity, token), [operation.scope])
    used = callers.scopes_used(token, operation.name, [operation.scope], rights)
    if not any(may(identity, permission) for permission in operation.needs):
        needed = " or ".join(operation.needs)
        said = f"{operation.name} needs {needed}, which the holder does not have."
        raise Forbidden(said, code="", part=Part.LEVEL)
    return used


def _check_form(request: Request, parameters: frozenset[str]) -> None:
    """What is not understood is refused: it could be meant to narrow what is answered.

    Raises:
        Refused: another type of answer or body is meant, or a parameter is not known.
    """
    answered = (request.operation.media or JSON, PROBLEM)
    if not any(request.accepts(kind) for kind in answered):
        raise Refused(HTTPStatus.NOT_ACCEPTABLE, f"The answer is {answered[0]}.")
    if request.operation.has_body and request.content_type not in JSON_TYPES:
        said = "Send the body as application/json."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, said)
    if request.operation.most_bytes and request.content_type != FORM_TYPE:
        said = f"Send the file as {FORM_TYPE}, in a part named “{uploads.PART}”."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, said)
    for name, values in request.GET.lists():
        if name not in parameters:
            raise _bad_parameter(name, f"There is no parameter “{name[:60]}” here.")
        if len(values) > 1:
            raise _bad_parameter(name, f"The parameter “{name}” stands twice.")
        if not is_storable_text(values[0]):
            raise _bad_parameter(name, f"“{name}” holds what no text may have, such as NUL.")


def _bad_parameter(name: str, message: str) -> Refused:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return Refused(status, message, code="bad_parameter", field=name[:60])


def file_of(request: Request, most_bytes: int) -> UploadedFile[bytes]:
    """The file that comes in the form.

    Raises:
        Refused: there is none, it is too large, or there is no room for it.
    """
    try:
        return uploads.received(request, most_bytes)
    except uploads.NoPart as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refused(status, error.message, field=uploads.PART) from error
    except uploads.NoFile as error:
        raise Refused(error.status, error.message) from error


def denied(request: Request, error: NotAllowed) -> HttpResponse:
    """What the domain forbids, recorded as every refusal is."""
    reason = f"{request.operation.name}: {error.message}"
    return deny(request.token, request, problem, reason, message=error.message, part=Part.LEVEL)


def one_of(rows: QuerySet[M], pk: UUID | int, what: str) -> M:
    """The row of an id; `rows` are those that the caller may see.

    Raises:
        Refused: there is none.
    """
    found = rows.filter(pk=pk).first()
    if found is None:
        raise not_found(what)
    return found


def check_may(request: Request, *permissions: Permission) -> None:
    """As the mark of a page does: for the part of an operation that not all of its callers may.

    Raises:
        NotAllowed: the caller has none of them.
    """
    if not any(may(request.by, permission) for permission in permissions):
        raise NotAllowed(permissions[0])
