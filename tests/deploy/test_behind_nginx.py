"""Steward behind nginx with TLS, by the configuration that we hand out."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPSConnection
from typing import Any

import pytest

from tests.deploy.nginx import NAME, Front, in_front_of
from tests.setup.running import PROJECT, Running, serving

pytestmark = pytest.mark.sqlite

ADMINISTRATOR = {
    "STEWARD_ADMIN_USERNAME": "ada",
    "STEWARD_ADMIN_EMAIL": "ada@example.com",
    "STEWARD_ADMIN_PASSWORD": "quiet harbour lantern",
}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Front]]:
    folder = tmp_path_factory.mktemp("behind")
    variables = {"STEWARD_PUBLIC_URL": f"https://{NAME}", "STEWARD_TRUSTED_PROXIES": "1"}
    (folder / "nginx").mkdir()
    with (
        serving(folder / "data", **variables, **ADMINISTRATOR) as running,
        in_front_of(running.port, folder / "nginx") as front,
    ):
        yield running, front


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


def ask(
    front: Front,
    path: str,
    *,
    method: str = "GET",
    name: str = NAME,
    body: bytes | None = None,
    **headers: str,
) -> Answer:
    with closing(_opened(front, name)) as encrypted:
        connection = HTTPSConnection(name)
        connection.sock = encrypted
        named = {each.replace("_", "-"): value for each, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        told = connection.getresponse()
        return Answer(told.status, {k.lower(): v for k, v in told.getheaders()}, told.read())


def test_people_and_programs_are_answered_over_tls(behind: tuple[Running, Front]) -> None:
    _running, front = behind
    page = ask(front, "/sign-in/")
    assert page.status == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert "__Host-steward_csrf" in page.headers["set-cookie"]
    assert "server" not in page.headers or page.headers["server"] == "nginx"
    told: dict[str, Any] = json.loads(ask(front, "/.well-known/oauth-authorization-server").body)
    assert told["issuer"] == f"https://{NAME}"
    assert told["token_endpoint"].startswith(f"https://{NAME}/")


def test_plain_http_leads_to_our_name_alone(behind: tuple[Running, Front]) -> None:
    _running, front = behind
    with closing(socket.create_connection(("127.0.0.1", front.port), timeout=20)) as plain:
        plain.sendall(b"GET /sign-in/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        told = plain.recv(4096).decode()
    assert told.startswith("HTTP/1.1 301")
    assert f"Location: https://{NAME}/sign-in/\r\n" in told


def test_another_name_gets_no_answer(behind: tuple[Running, Front]) -> None:
    _running, front = behind
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask(front, "/sign-in/", name="127.0.0.1")


def test_whoever_says_to_come_from_elsewhere_is_not_believed(
    behind: tuple[Running, Front],
) -> None:
    running, front = behind
    form = b"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=x"
    refused = ask(
        front,
        "/oauth/token",
        method="POST",
        body=form,
        Content_Type="application/x-www-form-urlencoded",
        X_Forwarded_For="203.0.113.9",
        X_Forwarded_Host="evil.example",
        Forwarded="for=203.0.113.9",
    )
    assert refused.status == 400
    listed = list(running.data_dir.glob("steward.sqlite3*"))
    assert listed
    assert not any(b"203.0.113.9" in file.read_bytes() for file in listed)


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/oauth/token", 65 * 1024, 413), ("/sign-in/", 13 * 1024 * 1024, 413)],
)
def test_what_is_too_large_ends_in_front(
    behind: tuple[Running, Front], path: str, size: int, status: int
) -> None:
    _running, front = behind
    with closing(_opened(front)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(f"HTTP/1.1 {status}".encode())


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /sign-in/ HT",
        b"POST /oauth/token HTTP/1.1\r\nContent-Length: 100\r\nHost: %s\r\n\r\ngr",
    ],
)
def test_whoever_sends_slowly_is_hung_up_on(behind: tuple[Running, Front], sent: bytes) -> None:
    """Headers and bodies have seconds to go on; Steward never hears of such a request."""
    _running, front = behind
    with closing(_opened(front)) as connection:
        connection.sendall(sent.replace(b"%s", NAME.encode()))
        told = b"".join(iter(lambda: connection.recv(4096), b""))
    assert told == b"" or told.startswith(b"HTTP/1.1 408 ")


def test_headers_without_end_are_refused(behind: tuple[Running, Front]) -> None:
    _running, front = behind
    assert ask(front, "/sign-in/", X_Long="x" * 40_000).status == 400


def test_those_who_watch_ask_from_this_machine(behind: tuple[Running, Front]) -> None:
    _running, front = behind
    assert ask(front, "/livez").status == 200
    assert json.loads(ask(front, "/readyz").body)["checks"]["database"] == "ok"
    assert ask(front, "/metrics").status == 404


def _opened(front: Front, name: str = NAME) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(front.authority))
    plain = socket.create_connection(("127.0.0.1", front.tls_port), timeout=20)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except OSError:
        plain.close()
        raise


def test_the_files_are_those_that_readme_tells_of() -> None:
    readme = (PROJECT / "README.md").read_text()
    for file in sorted((PROJECT / ".deploy").iterdir()):
        assert f".deploy/{file.name}" in readme, file.name
