"""Bodies of people's requests are bounded before anybody reads them."""

from __future__ import annotations

import io
import uuid
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory

from accounts.imports.files.uploads import MOST_BYTES
from console.wsgi import application, largest_form

pytestmark = pytest.mark.sqlite


class Unread(io.BytesIO):
    def read(self, *_args: Any) -> bytes:
        raise AssertionError("the body was read")


def answered(**environ: Any) -> tuple[str, dict[str, str], bytes]:
    said: list[Any] = []
    request = RequestFactory().post("/sign-in/", {"login": "ada"})
    called = request.environ | {"wsgi.input": Unread(), "HTTP_HOST": "127.0.0.1"} | environ

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        said.extend([status, dict(headers)])

    body = application(called, start)
    return said[0], said[1], b"".join(body)


def test_one_that_is_too_large_is_refused_unread() -> None:
    status, headers, body = answered(CONTENT_LENGTH=str(2 * 1024 * 1024))
    assert status.startswith(str(HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value))
    assert headers["Content-Type"].startswith("text/html")
    assert b"<h1" in body


def test_one_without_a_length_is_refused_unread() -> None:
    status, _headers, _body = answered(HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert status.startswith(str(HTTPStatus.LENGTH_REQUIRED.value))


def room(method: str, path: str) -> int:
    """Bytes of file that the page of a path has room for."""
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    return largest_form(environ) - settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_a_page_that_takes_a_file_has_room_for_it_and_no_other_page_has() -> None:
    of_a_source = f"/sources/{uuid.uuid4()}/imports/"
    assert room("POST", of_a_source) == MOST_BYTES
    assert room("GET", of_a_source) == 0
    assert room("POST", "/sign-in/") == 0
    assert room("POST", "/nowhere/") == 0
