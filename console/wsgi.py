"""The WSGI application: two handlers, one for programs and one for people.

gunicorn --config python:console.gunicorn console.wsgi
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler, get_path_info
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from django.urls import resolve, set_urlconf

from console.bodies import Whole

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")


logger = logging.getLogger(__name__)

ERROR_HEADERS = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]


class MachineView(Protocol):
    """A view for programs, as `tokens.edge.machine` marks it."""

    most_bytes: int
    """Of the file that it takes by POST."""

    def problem(self, status: HTTPStatus, message: str, /) -> HttpResponse: ...


class MachineHandler(WSGIHandler):
    """Answers programs without any middleware.

    On the token path, sessions, CSRF, messages and sign-in would cost statements and time, and
    have nothing to say: a program brings its proof with the request. What is left of them are a
    bound on the body and the facts of the request for the audit log.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = self._answer

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.urlconf = settings.MACHINE_URLCONF
        try:
            with request_facts(facts_of(request)):
                response = super().get_response(request)
        finally:
            # else what the thread does next would know no page of the console
            set_urlconf(None)
        # RFC 9110 section 8.6: 204 says no length
        if isinstance(response, HttpResponse) and response.status_code != HTTPStatus.NO_CONTENT:
            # otherwise gunicorn would send it in chunks
            response.headers.setdefault("Content-Length", str(len(response.content)))
            if request.method == "HEAD":
                response.content = b""
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """What the view says; where it says nothing, an error that a program can read."""
        try:
            response: HttpResponseBase = self._get_response(request)  # type: ignore[attr-defined]
            return response
        except Http404:
            status = HTTPStatus.NOT_FOUND
        except PermissionDenied:
            status = HTTPStatus.FORBIDDEN
        except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
            status = HTTPStatus.BAD_REQUEST
        except Exception:
            logger.exception("A program's request failed", extra={"path": request.path})
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        return JsonResponse(problem(status), status=status, headers=dict(ERROR_HEADERS))


def refused_body(environ: WSGIEnvironment, limit: int) -> HTTPStatus | None:
    """Why this body is not read, or None. `limit` is in bytes."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return HTTPStatus.BAD_REQUEST
    if length > limit:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    # Django would take a body of unknown length for an empty one
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return HTTPStatus.LENGTH_REQUIRED
    return None


def problem(status: HTTPStatus) -> dict[str, str | int]:
    """An error in both dialects of the machine paths: RFC 6749 section 5.2, and Ping's CREST."""
    error = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
    words = {"error": error, "error_description": status.phrase}
    return words | {"code": status.value, "reason": status.phrase, "message": status.phrase}


def answer(status: HTTPStatus, start_response: StartResponse) -> Iterable[bytes]:
    """Send an error without making a request of it."""
    body = json.dumps(problem(status)).encode()
    lengths = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", lengths + ERROR_HEADERS)
    return [body]


def refused_at_door(
    view: MachineView, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes] | None:
    """Why the body of a call to a door is not read, in the words of that door; or None."""
    file_bytes = view.most_bytes if environ.get("REQUEST_METHOD") == "POST" else 0
    room = file_bytes + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if (status := refused_body(environ, room)) is None:
        return None
    said = {
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"The body is too large: {room} bytes are the most.",
        HTTPStatus.LENGTH_REQUIRED: "Say how long the body is: one sent in chunks is not read.",
    }
    response = view.problem(status, said.get(status, "The request cannot be read."))
    content = response.content
    headers = [*response.items(), ("Content-Length", str(len(content)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [content]


def answer_person(status: HTTPStatus, start_response: StartResponse) -> Iterable[bytes]:
    """The same in words."""
    too_large = status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    body = render_to_string("errors/413.html" if too_large else "errors/400.html").encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'",
        ),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
    ]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def largest_form(environ: WSGIEnvironment) -> int:
    """Bytes of the largest form that the page of this address reads, its file included."""
    taken = taken_at(get_path_info(environ)) if environ.get("REQUEST_METHOD") == "POST" else None
    file_bytes = 0 if taken is None else taken.most_bytes
    return file_bytes + settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def is_machine_path(path: str) -> bool:
    return any(
        path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix) :][:1] in ("", "/"))
        for prefix in settings.MACHINE_PATHS
    )


def door_view(path: str) -> MachineView | None:
    """The view of an address of a door; None for any other path."""
    if not any(addresses.match(path.removeprefix("/")) for addresses in DOORS):
        return None
    view: MachineView = resolve(path, settings.MACHINE_URLCONF).func  # type: ignore[assignment]
    return view


def with_whole_body(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The request, whose length `refused_body` has looked at, read whole or not at all."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return environ | {"wsgi.input": Whole(environ["wsgi.input"], length)}


def timed(application: WSGIApplication, asked_by: str) -> WSGIApplication:
    """The same application, whose answers are counted by status and time."""

    def counted(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun = time.perf_counter()

        def started(status: str, headers: Any, *rest: Any) -> Any:
            seconds = time.perf_counter() - begun
            counters.answered(asked_by=asked_by, status=int(status[:3]), seconds=seconds)
            return start_response(status, headers, *rest)

        return application(environ, started)

    return counted


def dispatch(people: WSGIApplication, machines: WSGIApplication) -> WSGIApplication:
    """The application that gives each request to the handler of its path."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if is_machine_path(environ.get("PATH_INFO", "")):
            if (refusal := refused_body(environ, settings.TOKEN_BODY_BYTES)) is not None:
                return answer(refusal, start_response)
            return machines(with_whole_body(environ), start_response)
        if (view := door_view(get_path_info(environ))) is not None:
            if (refused := refused_at_door(view, environ, start_response)) is not None:
                return refused
            return machines(with_whole_body(environ), start_response)
        # before the check against forgery reads the form, so that strangers cannot fill the disk
        if (refusal := refused_body(environ, largest_form(environ))) is not None:
            return answer_person(refusal, start_response)
        return people(with_whole_body(environ), start_response)

    return application


try:
    people = get_wsgi_application()
except SystemExit:
    # bad settings: a worker of gunicorn that ends with 2 would be started anew for ever
    raise SystemExit(3 if "gunicorn.arbiter" in sys.modules else 2) from None

from django.conf import settings  # noqa: E402  settings first, see above

from accounts.audit.context import request_facts  # noqa: E402
from console.ui.uploads import taken_at  # noqa: E402
from tokens.doors.inbox.urls import ADDRESSES as OF_INBOX  # noqa: E402
from tokens.doors.sailpoint.urls import ADDRESSES as OF_SAILPOINT  # noqa: E402
from tokens.doors.scim.urls import ADDRESSES as OF_SCIM  # noqa: E402
from tokens.doors.servicenow.urls import ADDRESSES as OF_SERVICENOW  # noqa: E402
from tokens.edge.facts import facts_of  # noqa: E402
from tokens.health import counters  # noqa: E402

DOORS = (OF_SAILPOINT, OF_SERVICENOW, OF_SCIM, OF_INBOX)

application = dispatch(timed(people, "person"), timed(MachineHandler(), "program"))
