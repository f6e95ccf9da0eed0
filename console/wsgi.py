"""The WSGI application: two handlers, one for programs and one for people.

gunicorn --config python:console.gunicorn console.wsgi
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")


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
        self._middleware_chain = convert_exception_to_response(self._get_response)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if (refusal := refused_body(environ)) is not None:
            return answer(refusal, start_response)
        facts = RequestFacts(
            address=client_address(environ),
            user_agent=str(environ.get("HTTP_USER_AGENT", "")),
            request_id=uuid.uuid4().hex,
        )
        with request_facts(facts):
            return super().__call__(environ, start_response)


def refused_body(environ: WSGIEnvironment) -> HTTPStatus | None:
    """Why this body is not read, or None."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return HTTPStatus.BAD_REQUEST
    if length > settings.TOKEN_BODY_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    # Django would take a body of unknown length for an empty one
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return HTTPStatus.LENGTH_REQUIRED
    return None


def answer(status: HTTPStatus, start_response: StartResponse) -> Iterable[bytes]:
    """An error of the form that RFC 6749 section 5.2 gives."""
    problem = {"error": "invalid_request", "error_description": status.phrase}
    body = json.dumps(problem).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def is_machine_path(path: str) -> bool:
    return any(
        path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix) :][:1] in ("", "/"))
        for prefix in settings.MACHINE_PATHS
    )


def dispatch(people: WSGIApplication, machines: WSGIApplication) -> WSGIApplication:
    """The application that gives each request to the handler of its path."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_machine = is_machine_path(environ.get("PATH_INFO", ""))
        return (machines if is_machine else people)(environ, start_response)

    return application


try:
    people = get_wsgi_application()
except SystemExit:
    # bad settings: a worker of gunicorn that ends with 2 would be started anew for ever
    raise SystemExit(3 if "gunicorn.arbiter" in sys.modules else 2) from None

from django.conf import settings  # noqa: E402  settings first, see above

from accounts.audit.context import RequestFacts, request_facts  # noqa: E402
from console.client_address import client_address  # noqa: E402

application = dispatch(people, MachineHandler())
