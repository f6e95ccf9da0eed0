"""Large files through the door: taken where one is, else refused in its own words and unread."""

from __future__ import annotations

import errno
import io
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from accounts.imports.files.uploads import MOST_BYTES
from accounts.models import Identity, ImportRun, Source
from tests.addresses import pages
from tests.doors.sailpoint.caller import BOUNDARY, Caller, said
from tests.factories.imports import accounts_of, make_source, rows
from tests.factories.profiles import work
from tests.oauth.program import Answer, Program
from tests.setup.running import Running, manage, serving, wait_until
from tokens.doors.sailpoint.urls import ADDRESSES

pytestmark = pytest.mark.django_db

MEBIBYTE = 1024 * 1024
TWO_MEBIBYTES = rows(*[f"SA-{n:04d},svc-{n:04d},a@example.com,{'x' * 1000}" for n in range(2100)])
FORM = f"multipart/form-data; boundary={BOUNDARY}"


class Unread(io.BytesIO):
    def read(self, *_args: Any) -> bytes:
        raise AssertionError("the body was read")


def declared(method: str, path: str, length: int | str, **headers: str) -> Answer:
    """What is answered to the head of a request, whose body nobody may read."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Program().request(
        method, path, Unread(), content_type=FORM, headers={"Content-Length": str(length)} | named
    )


def load(source_id: object) -> str:
    return f"/sources/v1/{source_id}/load-accounts"


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


def test_a_file_of_two_mebibytes_is_imported(caller: Caller, source: Source) -> None:
    assert len(TWO_MEBIBYTES) > 2 * MEBIBYTE
    answer = caller.upload(load(source.pk), TWO_MEBIBYTES.encode())
    assert answer.status_code == 202, answer.content
    work()
    assert len(accounts_of(source)) == 2100


def test_a_schema_beyond_its_bound_is_refused(caller: Caller, source: Source) -> None:
    path = f"/v2024/sources/{source.pk}/schemas/accounts"
    little_more = caller.upload(path, b"x" * (MEBIBYTE + 1))
    assert (little_more.status_code, said(little_more)[:24]) == (413, "The file is larger than ")
    much_more = caller.upload(path, b"x" * 3 * MEBIBYTE)
    assert (much_more.status_code, said(much_more)[:21]) == (413, "The body is too large")


@pytest.mark.parametrize("layout", ["/sources/v1", "/v2024/sources"])
def test_where_a_file_is_taken_there_is_room_for_the_largest(layout: str) -> None:
    path, room = f"{layout}/any/load-accounts", MOST_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = declared("POST", path, room + 1)
    assert answer.status_code == 413
    assert answer.json()["detailCode"] == "413 Request Entity Too Large"
    assert said(answer) == f"The body is too large: {room} bytes are the most."
    assert answer.headers["Content-Length"] == str(len(answer.content))
    # whoever does not say who they are is told so before a byte is read
    assert declared("POST", path, room).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/sources/v1/any/load-accounts"),
        ("GET", "/sources/v1/any/schemas/accounts"),
        ("PATCH", "/sources/v1/any"),
        ("POST", "/personal-access-tokens/v1"),
        ("POST", "/beta/nothing-here"),
        ("POST", "/nothing-here/v7"),
    ],
)
def test_elsewhere_a_large_body_is_refused_unread(method: str, path: str) -> None:
    answer = declared(method, path, 2 * MEBIBYTE)
    assert answer.status_code == 413
    assert said(answer).startswith("The body is too large")


@pytest.mark.parametrize(
    ("length", "headers", "status", "words"),
    [
        ("", {"Transfer_Encoding": "chunked"}, 411, "Say how long the body is"),
        ("many", {}, 400, "The request cannot be read."),
    ],
)
def test_a_body_of_no_known_length_is_refused_unread(
    length: str, headers: dict[str, str], status: int, words: str
) -> None:
    answer = declared("POST", load("any"), length, **headers)
    assert answer.status_code == status
    assert said(answer).startswith(words)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_host_that_is_not_ours_is_refused_in_json() -> None:
    answer = declared("GET", "/sources/v1", 0, Host="elsewhere.example.com")
    assert (answer.status_code, said(answer)) == (400, "The request cannot be read.")


def test_no_page_has_an_address_of_the_door() -> None:
    assert not [address for address, _view in pages() if ADDRESSES.match(address.lstrip("/^"))]


@pytest.mark.parametrize("place", ["write", "flush"])
def test_a_full_disk_is_said_so(
    caller: Caller, source: Source, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def refuse(*_given: Any, **_named: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile." + place, refuse)
    answer = caller.upload(load(source.pk), TWO_MEBIBYTES.encode())
    assert (answer.status_code, said(answer)[:26]) == (507, "There is no room for the f")
    assert not ImportRun.objects.exists()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    administrator = {
        "STEWARD_ADMIN_USERNAME": "ada",
        "STEWARD_ADMIN_EMAIL": "ada@example.com",
        "STEWARD_ADMIN_PASSWORD": "correct horse battery staple",
    }
    with serving(tmp_path / "data", **administrator) as found:
        yield found


def told(
    running: Running,
    length: int,
    headers: dict[str, str] | None = None,
    *,
    path: str = "/sources/v1/any/load-accounts",
    goes: bool = False,
) -> tuple[int, Any]:
    """The answer to a request of whose body only the beginning is ever sent.

    With `goes` the caller says, by ending its side of the connection, that no more will come.
    """
    given = {"Host": f"127.0.0.1:{running.port}", "Content-Type": FORM} | (headers or {})
    lines = [f"{name}: {value}" for name, value in given.items()]
    head = "\r\n".join([f"POST {path} HTTP/1.1", f"Content-Length: {length}", *lines])
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as line:
        line.sendall(f"{head}\r\n\r\n--{BOUNDARY}\r\n".encode())
        if goes:
            line.shutdown(socket.SHUT_WR)
        answer = line.makefile("rb")
        status = int(answer.readline().split()[1])
        size = 0
        while field := answer.readline().strip().lower():
            if field.startswith(b"content-length:"):
                size = int(field.partition(b":")[2])
        return status, json.loads(answer.read(size))


def signed_in(running: Running) -> dict[str, str]:
    made = manage(
        running.data_dir,
        *("personal_access_token", "create", "ada", "--name", "Large files"),
        *("--scope", "sp:scopes:all", "--expires-in-days", "1"),
    )
    token = json.loads(made.stdout)
    form = {"client_id": token["id"], "client_secret": token["secret"]}
    answer = httpx.post(
        f"{running.url}/oauth/token", data=form | {"grant_type": "client_credentials"}
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_half_a_file_is_not_taken_for_a_whole_one(caller: Caller, source: Source) -> None:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    sent = (head + TWO_MEBIBYTES[:MEBIBYTE]).encode()
    answer = caller.program.post(
        load(source.pk),
        sent,
        content_type=FORM,
        headers=caller.headers() | {"Content-Length": str(len(sent) + MEBIBYTE)},
    )
    assert (answer.status_code, said(answer)) == (400, "The request cannot be read.")
    assert not ImportRun.objects.exists()
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"))


def test_half_a_form_of_a_page_is_refused() -> None:
    answer = Program().post(
        "/sign-in/",
        b"login=ada&pass",
        content_type="application/x-www-form-urlencoded",
        headers={"Content-Length": "400"},
    )
    assert answer.status_code == 403  # it brings no token against forgery


@pytest.mark.sqlite
def test_a_real_server_takes_large_files_of_those_who_may_send_them(running: Running) -> None:
    status, answer = told(running, MOST_BYTES)
    assert (status, answer) == (401, {"error": "Send an access token."})
    status, answer = told(running, MOST_BYTES, {"Authorization": "Bearer abc"})
    assert (status, answer) == (401, {"error": "The access token is not valid."})
    bearer = signed_in(running)
    status, answer = told(running, 2 * MOST_BYTES, bearer)
    assert (status, answer["detailCode"]) == (413, "413 Request Entity Too Large")

    code = "from tests.factories.imports import make_source\nprint(make_source().pk)"
    source = manage(running.data_dir, "shell", "--no-imports", "-c", code).stdout.split()[-1]
    status, answer = told(running, 5000, bearer, path=load(source), goes=True)
    assert (status, answer["detailCode"]) == (400, "400 Bad Request")
    files = {"file": ("accounts.csv", TWO_MEBIBYTES.encode(), "text/csv")}
    answer = httpx.post(f"{running.url}{load(source)}", files=files, headers=bearer, timeout=60)
    assert answer.status_code == 202, answer.text
    task = f"{running.url}/task-status/v1/{answer.json()['task']['id']}"

    def ended() -> bool:
        return httpx.get(task, headers=bearer).json()["completionStatus"] is not None

    wait_until(ended)
    attributes = httpx.get(task, headers=bearer).json()["attributes"]
    assert (attributes["total"], attributes["created"]) == (2100, 2100)
    # what was received is not kept beside what was stored
    assert not list(running.data_dir.glob("*.upload*"))
