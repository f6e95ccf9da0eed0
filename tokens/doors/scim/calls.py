"""From a request to scim2-server and back: who calls, whether they may, and how large it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from pydantic import ValidationError
from scim2_models import (
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
    PayloadTooLargeException,
    SCIMException,
)
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from tokens.access_tokens import callers
from tokens.access_tokens.claims import issuer
from tokens.access_tokens.guard import bearer, deny
from tokens.access_tokens.verify import AccessToken
from tokens.doors.scim import proofs
from tokens.doors.scim.errors import Denied, answer, problem
from tokens.doors.scim.resources import MOST_BYTES
from tokens.doors.scim.service import TRIES, Handler, Service, Subject
from tokens.doors.scim.storage import Changed, DirectoryStorage
from tokens.edge.bodies import is_storable, is_storable_text
from tokens.edge.machine import machine
from tokens.edge.rate import Limit
from tokens.edge.refusals import Part
from tokens.scopes.effective import effective

ROOT: Final = "/scim/v2"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SCOPES: Final = (
    *("scim:users:manage", "scim:users:read"),
    *("scim:groups:manage", "scim:groups:read"),
)
LONGEST_FILTER: Final = 2_000
"""Characters; the filter of a client is some dozens long."""
DEEPEST: Final = 12
"""Parentheses and brackets within each other, in a filter or path."""
MOST_PATCHES: Final = 1_000
"""Operations of all patches of a request: each compares the whole resource."""
LANGUAGE: Final = "en"

CALLS: Final = 500
"""Of one client in ten seconds: a directory calls once for each of its people."""
limit: Final = Limit(CALLS)


def wanted_at(path: str, method: str) -> Sequence[str]:
    """The scopes of which one lets a call in; operations of a bulk request ask for theirs again."""
    noun = path.strip("/").partition("/")[0].lower()
    if noun not in ("users", "groups"):
        return SCOPES
    reads = method in ("GET", "HEAD") or path.endswith("/.search")
    return (f"scim:{noun}:{'read' if reads else 'manage'}",)


def address(request: HttpRequest, /, path: str = "") -> HttpResponse:
    def needs(token: AccessToken) -> Sequence[str]:
        identity = callers.identity_of(token)
        wanted = wanted_at(path, str(request.method))
        rights = effective(callers.held_by(identity, token), wanted)
        return callers.scopes_used(token, "This interface", wanted, rights)

    @bearer(problem, needs=needs, other=proofs.of_request)
    def guarded(request: HttpRequest, token: AccessToken) -> HttpResponse:
        if seconds := limit.wait(str(token.credential_id)):
            return callers.too_often(request, token, problem, seconds)
        return _served(request, token, path)

    with translation.override(LANGUAGE):
        return guarded(request)


def _served(request: HttpRequest, token: AccessToken, path: str) -> HttpResponse:
    identity = callers.identity_of(token)
    rights = effective(callers.held_by(identity, token), SCOPES)
    asked = ScimRequest(
        method="GET" if request.method == "HEAD" else str(request.method),
        base_url=f"{issuer()}{ROOT}",
        path=path or "/",
        query={name: str(value) for name, value in request.GET.items()},
        headers=dict(request.headers),
        subject=Subject(identity, frozenset(rights.granted)),
    )
    service = Service()
    handler = Handler(service, DirectoryStorage(identity))
    try:
        _check_query(request)
        asked.body = _body(request)
        found = _handled(handler, asked)
    except SCIMException as error:
        if isinstance(error, Denied):
            service.denials.append(error.detail)
        found = service.error_response(error)
    except ValidationError:
        found = service.error_response(InvalidValueException())
    except RecursionError:
        found = service.error_response(InvalidSyntaxException())
    for reason in service.denials:
        _note(request, token, reason)
    return _answered(found)


def _handled(handler: Handler, asked: ScimRequest) -> ScimResponse:
    conditional = asked.header("If-Match") is not None
    for left in reversed(range(TRIES)):
        try:
            return handler.handle(asked)
        except Changed:
            if conditional or not left:
                raise
    raise AssertionError("the last try answers or raises")


def _check_query(request: HttpRequest) -> None:
    for name, values in request.GET.lists():
        if not all(is_storable_text(text) for text in [name, *values]):
            raise InvalidValueException(detail="The address holds what no text may have.")
        if len(values) > 1:
            raise InvalidValueException(detail=f"The parameter {name[:60]} stands twice.")
    check_filter(request.GET.get("filter", ""))


def check_filter(text: str) -> None:
    """Raises InvalidFilterException: too long or nested too deeply to be looked at."""
    if len(text) > LONGEST_FILTER:
        raise InvalidFilterException(detail=f"A filter has at most {LONGEST_FILTER} characters.")
    depth = deepest = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise InvalidFilterException(detail="The filter is nested too deeply.")


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise _too_large() from error
    if len(body) > MOST_BYTES:
        raise _too_large()
    _check_texts(body)
    return body


def _too_large() -> PayloadTooLargeException:
    return PayloadTooLargeException(detail=f"A request has at most {MOST_BYTES} bytes.")


def _check_texts(body: bytes) -> None:
    """Raises what the service would not: texts that no database takes, and endless paths."""
    try:
        said = json.loads(body) if body.strip() else None
    except (ValueError, RecursionError):
        return  # told of by who reads it
    if not is_storable(said):
        raise InvalidValueException(detail="The body holds what no text may have.")
    operations = 0
    for name, value in _fields(said):
        if name in ("path", "filter") and isinstance(value, str):
            check_filter(value)
        if name == "operations" and isinstance(value, list):
            operations += len(value)
    if operations > MOST_PATCHES:
        raise PayloadTooLargeException(detail=f"A request has at most {MOST_PATCHES} operations.")


def _fields(said: Any) -> Iterator[tuple[str, Any]]:
    """Of all objects within each other; attribute names are told apart without case, and one may
    stand twice.
    """
    waiting = [said]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            yield from ((str(name).lower(), value) for name, value in item.items())
            waiting += [value for value in item.values() if isinstance(value, (dict, list))]


def _note(request: HttpRequest, token: AccessToken, reason: str) -> None:
    """In the audit log, as every refusal of rights."""
    said = f"{request.method} {request.path}: {reason}"
    deny(token, request, problem, said, message=reason, part=Part.LEVEL)


def _answered(found: ScimResponse) -> HttpResponse:
    headers = dict(found.headers) | {"Cache-Control": "no-store"}
    return answer(found.body, found.status, headers)


view = machine(problem, *METHODS)(address)
