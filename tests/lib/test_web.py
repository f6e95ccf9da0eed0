"""Calls to elsewhere: only where they may go, and never longer or larger than was asked for."""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from accounts.lib import web
from tests.doors.servicenow.front import front
from tests.listener import HEAD, Send, listener, ok

LISTED = web.Policy(networks=(ip_network("127.0.0.0/8"),))


def called(url: str, **changes: Any) -> web.Answer:
    asked: dict[str, Any] = {"timeout": 5.0, "limit": 1024, "policy": LISTED} | changes
    return web.call("GET", url, {}, **asked)


def test_what_was_answered_comes_back() -> None:
    with listener(ok(b"moin", b"X-Kind: a", b"x-kind: b")) as there:
        answer = web.call(
            "PUT",
            f"{there.url}/a b?c=ü".replace(" ", "%20"),
            {"X-Asked": "yes"},
            b"body",
            timeout=5,
            limit=100,
            policy=LISTED,
        )
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"moin", "a, b")
    head = there.heard[0].decode()
    assert head.startswith("PUT /a%20b?c=%C3%BC HTTP/1.1\r\n")
    for line in ("X-Asked: yes", "Accept-Encoding: identity", "Content-Length: 4"):
        assert f"\r\n{line}\r\n" in head


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"]
    + ["10.0.0.5", "192.168.1.1", "100.64.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]"]
    + ["0.0.0.0", "224.0.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],  # noqa: S104
)
def test_nothing_inside_is_called_unless_it_is_listed(scheme: str, host: str) -> None:
    with listener(ok(b"secret")) as there:
        url = f"{scheme}://{host}:{there.port}/"
        with pytest.raises(web.CannotReach, match=r"not called|Use https|no host"):
            called(url, policy=web.PUBLIC)
    assert there.heard == []


def test_a_name_is_listed_too_but_never_for_link_local_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = ["127.0.0.1"]

    def resolved(_host: str, port: int, **_how: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    policy = web.Policy(hosts=frozenset({"scim.corp.example"}))
    with listener(ok(b"in")) as there:
        assert called(f"http://scim.corp.example:{there.port}/", policy=policy).body == b"in"
        with pytest.raises(web.CannotReach):
            called(f"http://other.corp.example:{there.port}/", policy=policy)
        found[:] = ["169.254.169.254"]
        with pytest.raises(web.CannotReach, match="Use https"):
            called(f"http://scim.corp.example:{there.port}/", policy=policy)
    assert len(there.heard) == 1


def test_the_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def resolved(host: str, port: int, **_how: Any) -> list[Any]:
        """A name that means another address the second time."""
        asked.append(host)
        address = "192.0.2.1" if len(asked) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with listener(ok(b"")) as there:
        called(f"http://rebinding.example:{there.port}/")
    assert asked == ["rebinding.example"]


def test_redirects_are_answers_and_not_followed() -> None:
    with listener(ok(b"secret")) as inside:
        told = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
        with listener(told % inside.url.encode()) as there:
            answer = called(there.url)
    assert (answer.status, answer.headers["location"]) == (302, inside.url)
    assert inside.heard == []


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 999999999999\r\n\r\nx",
        HEAD + b"\r\n" + b"x" * 5000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n" * 2,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + b"x" * 900_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"Trailer: x\r\n" * 90_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 60_000,
        HEAD + b"Content-Length: 10\r\n\r\nshort",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
        HEAD + b"X: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=str,
)
def test_an_answer_that_is_too_long_or_not_whole_is_refused(answer: bytes) -> None:
    with listener(answer) as there, pytest.raises(web.CannotReach):
        called(there.url)


def test_one_that_drips_is_given_up_in_time() -> None:
    over = threading.Event()

    def drip(send: Send) -> None:
        send(HEAD + b"Content-Length: 1000\r\n\r\n")
        while not over.wait(0.05):
            send(b"x")

    before = time.monotonic()
    with listener(drip) as there:
        with pytest.raises(web.CannotReach, match="did not answer within") as refused:
            called(there.url, timeout=0.4)
        over.set()
    assert refused.value.transient
    assert time.monotonic() - before < 4


def test_nobody_there_is_said() -> None:
    with listener(b"") as there:
        pass
    with pytest.raises(web.CannotReach, match="failed or was cut off"):
        called(there.url)


def test_certificates_are_checked(tmp_path: Path) -> None:
    with listener(ok(b"in")) as there, front(there.port, tmp_path) as before:
        pem = before.certificate.read_text("ascii")
        authority = pem[pem.index("-----BEGIN CERTIFICATE") :]
        assert called(before.url, authorities=authority).body == b"in"
        with pytest.raises(web.CannotReach, match=r"certificate of 127.+ does not hold"):
            called(before.url)
        with pytest.raises(web.CannotReach, match="TLS connection"):
            called(f"https://127.0.0.1:{there.port}/")


@pytest.mark.parametrize(
    "url",
    ["", "scim.example.com", "ftp://example.com/", "gopher://127.0.0.1/", "file:///etc/passwd"]
    + ["https://", "https:///path", "https://a b/", "https://a\n.example/", "https://e.com:0/"]
    + ["https://u:p@example.com/", "https://example.com:99999/", "https://[::1/", "javascript:1"]
    + ["https://e.com\\@127.0.0.1/", "https://e.com/" + "x" * 2000],
)
def test_what_is_no_address_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(web.CannotReach):
        web.check(url)
    with pytest.raises(web.CannotReach):
        called(url)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with listener(ok(b"proxy")) as proxy, listener(ok(b"there")) as there:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert called(there.url).body == b"there"
    assert proxy.heard == []
