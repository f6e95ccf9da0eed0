"""From a request to a view of this door: who calls, whether they may, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation

from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from accounts.models import Identity
from accounts.profiles.transforms.export import BadExport, parse_json
from tokens.access_tokens import callers
from tokens.access_tokens.guard import bearer, deny
from tokens.access_tokens.verify import AccessToken
from tokens.doors.servicenow import errors, proofs
from tokens.doors.servicenow.errors import FAILED, FORBIDDEN, Refused, problem
from tokens.edge.bodies import is_storable, is_storable_text
from tokens.edge.machine import machine
from tokens.edge.rate import Limit
from tokens.edge.refusals import Part
from tokens.scopes.effective import effective

ANY_METHOD: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
SCOPE: Final = "useraccount"
LANGUAGE: Final = "en"
BASIC: Final = 'Basic realm="steward"'
LONGEST_BODY: Final = 1024 * 1024
LONGEST_PARAMETER: Final = 100_000
OVERRIDE: Final = "X-HTTP-Method-Override"
JSON: Final = "application/json"
ANSWERED_IN: Final = frozenset({JSON, "text/json", "application/*", "*/*"})

limit = Limit()


@dataclass(frozen=True)
class Call:
    """One call that may go on: what is asked for, and by whom.

    Those within a batch have a method, an address and a body of their own; `request` is then that
    of the batch.
    """

    request: HttpRequest
    token: AccessToken
    by: Identity
    now: datetime
    method: str
    path: str
    query: QueryDict
    sent: bytes = b""
    content_type: str = ""
    accept: str = ""

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; empty where nothing was.

        Raises:
            Refused: it is something else, or holds what is no text.
        """
        if not self.sent.strip():
            return {}
        if self.content_type.partition(";")[0].strip().lower() != JSON:
            raise Refused(
                "Unsupported Media Type",
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                detail=f"Send the body as {JSON}.",
            )
        if len(self.sent) > LONGEST_BODY:
            raise Refused("The body is too large.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            found = parse_json(self.sent)
        except BadExport as error:
            raise Refused("Invalid JSON payload", detail=error.message) from error
        if not isinstance(found, dict) or not is_storable(found):
            raise Refused("Invalid JSON payload", detail="Send one JSON object of texts.")
        return found

    def check_readable(self) -> None:
        """Raises Refused: a parameter is no text, or they read another kind of answer."""
        for name, values in self.query.lists():
            if not all(is_storable_text(text) for text in [name, *values]):
                raise Refused("The address holds characters that no text may have.")
            if any(len(text) > LONGEST_PARAMETER for text in values):
                raise Refused(f"{name[:60]} is too long.")
        wanted = {part.partition(";")[0].strip().lower() for part in self.accept.split(",")}
        if self.accept.strip() and not wanted & ANSWERED_IN:
            raise Refused(
                "Not Acceptable", HTTPStatus.NOT_ACCEPTABLE, detail=f"Answers are {JSON}."
            )


View = Callable[..., HttpResponse]
"""Takes a `Call` and the parts of the address by name."""


def serve(view: View) -> Callable[..., HttpResponse]:
    """The view of an address, for whoever proves themselves and carries `SCOPE`."""

    def address(request: HttpRequest, /, **parts: str) -> HttpResponse:
        now = timezone.now()

        @bearer(problem, needs=_needs, other=proofs.of_request)
        def guarded(request: HttpRequest, token: AccessToken) -> HttpResponse:
            if seconds := limit.wait(str(token.credential_id)):
                return callers.too_often(request, token, problem, seconds)
            return answered(view, _call(request, token, now), parts)

        with translation.override(LANGUAGE):
            response = guarded(request)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            # many programs send id and secret only where they are asked for them by this word
            response["WWW-Authenticate"] = f"{BASIC}, {response['WWW-Authenticate']}"
        return response

    return machine(problem, *ANY_METHOD)(address)


def _needs(token: AccessToken) -> Sequence[str]:
    rights = effective(callers.held_by(callers.identity_of(token), token), [SCOPE])
    return callers.scopes_used(token, "This interface", [SCOPE], rights)


def _call(request: HttpRequest, token: AccessToken, now: datetime) -> Call:
    method = str(request.method)
    if method == "POST" and OVERRIDE in request.headers:
        method = request.headers[OVERRIDE].upper()
    return Call(
        request,
        token,
        callers.identity_of(token),
        now,
        method="GET" if method == "HEAD" else method,
        path=request.path,
        query=request.GET,
        sent=_body(request),
        content_type=request.content_type or "",
        accept=request.headers.get("Accept", ""),
    )


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        return b" " * (LONGEST_BODY + 1) + b"."  # told of by who reads it


def answered(view: View, call: Call, parts: Mapping[str, str]) -> HttpResponse:
    """What a view says, or why it does not; refusals of rights are recorded."""
    try:
        call.check_readable()
        return view(call, **parts)
    except Refused as refusal:
        if refusal.status == HTTPStatus.FORBIDDEN:
            return _denied(call, refusal.detail, Part.LEVEL)
        return problem(refusal.status, refusal.message, detail=refusal.detail)
    except NotAllowed as error:
        return _denied(call, error.message, Part.LEVEL)
    except FORBIDDEN as error:
        return _denied(call, error.message, Part.LEVEL)
    except DomainError as error:
        return errors.of_domain(error)


def _denied(call: Call, detail: str, part: Part) -> HttpResponse:
    def worded(status: HTTPStatus, message: str) -> HttpResponse:
        return problem(status, message, detail=detail)

    reason = f"{call.method} {call.path}: {detail}"
    return deny(call.token, call.request, worded, reason, message=FAILED, part=part)


def by_method(views: Mapping[str, View]) -> View:
    """Each method of an address is a view of its own."""

    def view(call: Call, **parts: str) -> HttpResponse:
        if call.method not in views:
            refusal = problem(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "Method not supported",
                detail=f"Use {', '.join(views)}.",
            )
            refusal["Allow"] = ", ".join(views)
            return refusal
        return views[call.method](call, **parts)

    return view
