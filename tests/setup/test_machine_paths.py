"""Programs are answered without middleware, with bounded bodies and errors that they can read."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path, reverse

from accounts.audit import context
from console import wsgi


def fail(request: HttpRequest) -> HttpResponse:
    raise {"denied": PermissionDenied, "broken": BadRequest}.get(request.GET["as"], RuntimeError)


def seen(request: HttpRequest) -> HttpResponse:
    facts = context.current()
    return HttpResponse(f"{facts.address} {facts.user_agent} {bool(facts.request_id)}")


# the handler looks after connections of the database, as it does for every request
pytestmark = pytest.mark.django_db

urlpatterns = [path("feature", fail), path("am/seen", seen)]


def ask(address: str, body: bytes = b"", **environ: Any) -> tuple[int, dict[str, str], bytes]:
    """What the WSGI application answers."""
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        told.extend((int(status[:3]), dict(headers)))

    name, _, query = address.partition("?")
    answer = wsgi.application(
        {
            "REQUEST_METHOD": "POST" if body else "GET",
            "PATH_INFO": name,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "REMOTE_ADDR": "192.0.2.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            **environ,
        },
        start_response,
    )
    content = b"".join(answer)
    return told[0], told[1], content


@pytest.mark.parametrize(
    ("address", "is_machine"),
    [
        ("/am/oauth2/access_token", True),
        ("/oauth/token", True),
        ("/.well-known/jwks.json", True),
        ("/feature", True),
        ("/feature/x", True),
        ("/features", False),
        ("/am", False),
        ("/audit/", False),
        ("/", False),
        ("//am/oauth2/access_token", False),
    ],
)
def test_the_path_says_who_asks(address: str, is_machine: bool) -> None:
    assert wsgi.is_machine_path(address) is is_machine


def test_a_machine_handler_has_no_middleware() -> None:
    handler = wsgi.MachineHandler()
    assert handler._middleware_chain == handler._answer
    assert not handler._view_middleware


@override_settings(MACHINE_URLCONF=__name__)
def test_the_facts_of_the_request_are_known() -> None:
    status, headers, body = ask("/am/seen", HTTP_USER_AGENT="frodo")
    assert (status, body) == (200, b"192.0.2.1 frodo True")
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/am/nothing-here", 404),
        ("/feature?as=denied", 403),
        ("/feature?as=broken", 400),
        ("/feature?as=crashed", 500),
    ],
)
@override_settings(MACHINE_URLCONF=__name__)
def test_errors_are_json(address: str, status: int) -> None:
    told, headers, body = ask(address)
    problem = json.loads(body)
    assert (told, problem["code"]) == (status, status)
    assert problem["error"] in ("invalid_request", "server_error")
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"


def test_a_body_over_the_bound_is_not_read() -> None:
    unread = io.BytesIO(b"x")
    length = str(settings.TOKEN_BODY_BYTES + 1)
    environ = {"wsgi.input": unread, "CONTENT_LENGTH": length}
    status, _, body = ask("/am/oauth2/access_token", b"x", **environ)
    assert (status, json.loads(body)["error"]) == (413, "invalid_request")
    assert unread.tell() == 0


def test_a_page_that_refuses_a_body_may_load_its_own_files_only() -> None:
    environ = {"CONTENT_LENGTH": str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    status, headers, body = ask("/sign-in/", b"x", **environ)
    assert (status, b"That was too large" in body) == (413, True)
    policy = headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"


def test_a_body_at_the_bound_is_read() -> None:
    status, _, _ = ask("/am/nothing-here", b"x" * settings.TOKEN_BODY_BYTES)
    assert status == 404


def test_a_body_of_unknown_length_is_refused() -> None:
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    assert ask("/am/oauth2/access_token", b"x", **environ)[0] == 411
    assert ask("/am/oauth2/access_token", b"x", CONTENT_LENGTH="many")[0] == 400


def test_the_thread_knows_the_pages_of_the_console_afterwards() -> None:
    ask("/am/nowhere")
    assert reverse("sources:list") == "/sources/"
