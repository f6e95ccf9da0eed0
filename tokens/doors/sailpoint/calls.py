"""From a request to a view of this door: who calls, whether they may, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final, TypeVar
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from accounts.models import Identity
from accounts.profiles.transforms.export import parse_json
from tokens.access_tokens import callers
from tokens.access_tokens.guard import Forbidden, bearer, deny
from tokens.access_tokens.verify import AccessToken
from tokens.doors.sailpoint import errors
from tokens.doors.sailpoint.errors import Refused, not_found, problem
from tokens.doors.sailpoint.operations import Operation
from tokens.doors.sailpoint.rate import limit
from tokens.edge.bodies import is_storable
from tokens.edge.machine import machine
from tokens.edge.refusals import Part
from tokens.scopes.effective import effective

M = TypeVar("M", bound=Model)

LONGEST_BODY: Final = 1024 * 1024
"""Bytes of JSON; the largest definition of a transform has 64 KiB."""
JSON_TYPES: Final = frozenset({"application/json", "application/json-patch+json"})
LANGUAGE: Final = "en"
"""The vendor's clients read `en-US`, whatever `Accept-Language` they send along."""


@dataclass(frozen=True)
class Call:
    """One call that may go on: what is asked for, and by whom."""

    request: HttpRequest
    token: AccessToken
    by: Identity
    now: datetime
    most_bytes: int = 0
    """Of the file that the view takes; none where it takes none."""

    @cached_property
    def body(self) -> Any:
        """The JSON that was sent.

        Raises:
            Refused: there is none, it is too large, or holds what is no text.
            BadExport: it is no JSON, or says one thing twice.
        """
        if self.request.content_type not in JSON_TYPES:
            raise Refused("Send the body as application/json.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            sent = self.request.body
        except RequestDataTooBig:
            sent = None
        if sent is None or len(sent) > LONGEST_BODY:
            raise Refused("The body is too large.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        found = parse_json(sent)
        if not is_storable(found):
            raise Refused("The body holds characters that no text may have, such as NUL.")
        return found

    def carries(self, *scopes: str) -> bool:
        """Whether token and levels carry one of these scopes."""
        return bool(effective(callers.held_by(self.by, self.token), scopes).granted)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object that was sent.

        Raises:
            Refused: it is another kind of JSON.
        """
        if not isinstance(self.body, dict):
            raise Refused("Send a JSON object.")
        return self.body

    def text(self, name: str, *, required: bool = False) -> str:
        """A member of the document that is text; empty where it is absent or null.

        Raises:
            Refused: it is something else, or missing and required.
        """
        value = self.document.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            raise Refused(f"{name} must be text.")
        return value


View = Callable[..., HttpResponse]
"""Takes a `Call` and the parts of the address by name."""


def serve(views: Mapping[Operation, View]) -> Callable[..., HttpResponse]:
    """The one view of an address: each method is an operation of its own."""
    by_method = {operation.method: (operation, view) for operation, view in views.items()}
    if "GET" in by_method:
        by_method["HEAD"] = by_method["GET"]

    def address(request: HttpRequest, /, **parts: str) -> HttpResponse:
        operation, view = by_method[str(request.method)]
        now = timezone.now()
        caller = _Caller(operation)

        @bearer(problem, needs=caller.check)
        def guarded(request: HttpRequest, token: AccessToken) -> HttpResponse:
            if seconds := limit.wait(str(token.credential_id)):
                return callers.too_often(request, token, problem, seconds)
            assert caller.identity is not None  # the check has found it
            call = Call(request, token, caller.identity, now, most_bytes=file_bytes(view))
            return _answered(view, call, parts)

        with translation.override(LANGUAGE):
            return guarded(request)

    # only what is posted brings a file; `console.wsgi` asks before any of it is read
    posted = by_method.get("POST")
    address.most_bytes = file_bytes(posted[1]) if posted else 0  # type: ignore[attr-defined]
    return machine(problem, *by_method)(address)


def takes_file(most_bytes: int) -> Callable[[View], View]:
    """Mark a view that takes a file of so many bytes; `uploads.uploaded` hands it over."""

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


def file_bytes(view: Callable[..., HttpResponse]) -> int:
    return getattr(view, "most_bytes", 0)


def _answered(view: View, call: Call, parts: Mapping[str, str]) -> HttpResponse:
    try:
        return view(call, **parts)
    except Refused as refusal:
        if refusal.status == HTTPStatus.FORBIDDEN:
            # what the door itself forbids, the token lacks; levels are judged by the domain
            return _denied(call, refusal.message, Part.SCOPE)
        return problem(refusal.status, refusal.message, detail=refusal.detail)
    except NotAllowed as error:
        return _denied(call, error.message, Part.LEVEL)
    except DomainError as error:
        return errors.of_domain(error)


def _denied(call: Call, message: str, part: Part) -> HttpResponse:
    return deny(call.token, call.request, problem, message, message=message, part=part)


class _Caller:
    """Finds out whether whoever holds a token may call an operation."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.identity: Identity | None = None

    def check(self, token: AccessToken) -> Sequence[str]:
        """Which scopes of the token the call uses; one of them is enough, and one level."""
        self.identity = callers.identity_of(token)
        operation, held = self.operation, callers.held_by(self.identity, token)
        used = callers.scopes_used(token, operation.name, operation.scopes, operation.judged(held))
        if not operation.open_to(self.identity.levels):
            needed = " or ".join(sorted(operation.levels))
            said = f"{operation.name} is for {needed}; the holder is none."
            raise Forbidden(said, code="", part=Part.LEVEL)
        return used


def as_id(text: str) -> UUID | None:
    """The id meant, with or without dashes; None where it is none of ours."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if text in (str(found), found.hex) else None


def one_of(rows: QuerySet[M], text: str, what: str) -> M:
    """The row of an id; `rows` are those that the caller may see.

    Raises:
        Refused: there is none.
    """
    wanted = as_id(text)
    found = rows.filter(pk=wanted).first() if wanted else None
    if found is None:
        raise not_found(what)
    return found


def stamp(at: datetime | None) -> str | None:
    """A time as the vendor writes it: UTC, to the millisecond."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reference(kind: str, pk: object, name: str) -> dict[str, str]:
    """Another object, as documents name it."""
    return {"type": kind, "id": str(pk), "name": name}


def task_reference(pk: object) -> dict[str, str | None]:
    """The task that does what was asked for."""
    return {"type": "TASK_RESULT", "id": str(pk), "name": None}
