"""Calls by HTTPS to where somebody configured, bounded in time and size.

An address is checked and connected to; the name is not asked for again in between. Redirects are
not followed, no proxy of the environment is used, nothing is remembered between two calls.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import Final
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from accounts.lib import outgoing
from accounts.lib.errors import DomainError

CONNECT_SECONDS: Final = 5.0
"""The longest wait for one address of a host to answer."""
MOST_URL_LENGTH: Final = 2000
PIECE_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 256 * 1024
"""What status, headers and the frames of a body may take beside twice the body's limit."""
HOST: Final = re.compile(r"[a-z0-9_.:-]+\Z")


class CannotReach(DomainError):
    """Nothing usable came back; the text never holds what the other side sent.

    `transient` says whether the same call may succeed later without anybody changing something.
    """

    code = "cannot_reach"

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


@dataclass(frozen=True)
class Policy:
    """What may be reached beside public addresses: names of hosts, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def allows(self, host: str, address: outgoing.Address, *, plain: bool) -> bool:
        """Whether to connect there; `plain` is without TLS, for what is listed alone."""
        if host in self.hosts or any(address in network for network in self.networks):
            return outgoing.is_allowed(address, loopback=True)
        return not plain and outgoing.is_public(address)


PUBLIC: Final = Policy()


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status is; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class _Place:
    plain: bool
    host: str
    port: int
    target: str


def check(url: str) -> None:
    """Look at an address without calling it.

    Raises:
        CannotReach: it is none that could be called.
    """
    _place(url)


def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    timeout: float,
    limit: int,
    policy: Policy,
    authorities: str = "",
) -> Answer:
    """Call once, and read the whole answer.

    `timeout` is in seconds, for all of it; `limit` is in bytes, of the body that comes back;
    `authorities` are certificates in PEM to trust instead of the system's.

    Raises:
        CannotReach: the address is none, or leads where it may not; nobody answers, or not in
            time; the certificate does not hold; the answer is no HTTP, cut off, packed or too long.
    """
    place = _place(url)
    deadline = time.monotonic() + timeout
    try:
        connection = _connected(place, policy, deadline, authorities)
        try:
            return _exchanged(connection, place, method, headers, body, deadline, limit)
        finally:
            connection.close()
    except TimeoutError as error:
        message = _("%(host)s did not answer within %(seconds)d seconds.")
        said = {"host": place.host, "seconds": max(1, int(timeout))}
        raise CannotReach(message % said, transient=True) from error
    except ssl.SSLError as error:
        message = _("The TLS connection to %(host)s failed.") % {"host": place.host}
        raise CannotReach(message, transient=True) from error
    except OSError as error:
        message = _("The connection to %(host)s, port %(port)d, failed or was cut off.")
        said = {"host": place.host, "port": place.port}
        raise CannotReach(message % said, transient=True) from error
    except (http.client.HTTPException, ValueError) as error:
        message = _("What %(host)s answered is not HTTP as it should be.") % {"host": place.host}
        raise CannotReach(message) from error


def _place(url: str) -> _Place:
    if len(url) > MOST_URL_LENGTH or any(ord(each) <= 32 or ord(each) == 127 for each in url):
        raise _no_address()
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode().lower()
    except (ValueError, UnicodeError) as error:
        raise _no_address() from error
    plain = parts.scheme == "http"
    if parts.scheme not in ("https", "http") or not HOST.match(host) or port == 0:
        raise _no_address()
    if "@" in parts.netloc:
        raise CannotReach(_("An address may not hold a user name or password."))
    target = iri_to_uri(parts.path or "/") + (f"?{iri_to_uri(parts.query)}" if parts.query else "")
    return _Place(plain, host, port or (80 if plain else 443), target)


def _no_address() -> CannotReach:
    return CannotReach(_("Type a whole address, such as https://api.example.com/scim/v2."))


def _connected(
    place: _Place, policy: Policy, deadline: float, authorities: str
) -> socket.socket | ssl.SSLSocket:
    failure: OSError | None = None
    for target in _targets(place, policy):
        made = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            made.settimeout(min(CONNECT_SECONDS, _left(deadline)))
            made.connect((target.address, target.port))
            return made if place.plain else _with_tls(made, place, deadline, authorities)
        except CannotReach:
            made.close()
            raise
        except OSError as error:
            made.close()
            failure = error
    assert failure is not None  # there is at least one target
    raise failure


def _targets(place: _Place, policy: Policy) -> list[outgoing.Target]:
    try:
        return outgoing.resolve(
            place.host,
            place.port,
            allows=lambda address: policy.allows(place.host, address, plain=place.plain),
        )
    except outgoing.Refused as error:
        if place.plain:
            message = _("Use https: without it only targets that the tenant lists are called.")
            raise CannotReach(message) from error
        message = _(
            "%(host)s leads to %(address)s, which is not called. An administrator may list it in "
            "Tenant settings > Outgoing connections."
        )
        raise CannotReach(message % {"host": place.host, "address": error}) from error
    except (OSError, UnicodeError) as error:
        message = _("There is no host called %(host)s.") % {"host": place.host}
        raise CannotReach(message, transient=True) from error


def _with_tls(
    made: socket.socket, place: _Place, deadline: float, authorities: str
) -> ssl.SSLSocket:
    """Nothing but a certificate that holds is accepted; there is no way to do otherwise."""
    made.settimeout(_left(deadline))
    try:
        return _trusting(authorities).wrap_socket(made, server_hostname=place.host)
    except ssl.SSLCertVerificationError as error:
        message = _("The certificate of %(host)s does not hold: %(reason)s.")
        said = {"host": place.host, "reason": error.verify_message}
        raise CannotReach(message % said) from error


@lru_cache(maxsize=16)
def _trusting(authorities: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authorities or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _exchanged(
    connection: socket.socket | ssl.SSLSocket,
    place: _Place,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    deadline: float,
    limit: int,
) -> Answer:
    client = http.client.HTTPConnection(place.host, place.port)
    client.default_port = 80 if place.plain else 443
    client.auto_open = 0
    client.sock = _Timed(connection, deadline, 2 * limit + HEAD_BYTES)
    own = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "Steward"}
    try:
        client.request(method, place.target, body, own | dict(headers))
        answer = client.getresponse()
        found = {name.lower(): answer.getheader(name, "") for name, _value in answer.getheaders()}
        if found.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            message = _("%(host)s packed its answer, which it was asked not to do.")
            raise CannotReach(message % {"host": place.host})
        return Answer(answer.status, found, _body(answer, limit))
    except _TooLong as error:
        message = _("The answer of %(host)s is longer than %(limit)d KiB.")
        raise CannotReach(message % {"host": place.host, "limit": limit // 1024}) from error


def _body(answer: http.client.HTTPResponse, limit: int) -> bytes:
    if (answer.length or 0) > limit:
        raise _TooLong
    pieces, size = [], 0
    while piece := answer.read(PIECE_BYTES):
        size += len(piece)
        if size > limit:
            raise _TooLong
        pieces.append(piece)
    if answer.length:
        raise ConnectionResetError("the body ends before its length")
    return b"".join(pieces)


class _TooLong(Exception):
    """More came than was to be read."""


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Timed:
    """As much of a socket as `http.client` uses, with one deadline for all that is sent and read.

    A time-out of the socket itself would begin anew with each byte.
    """

    def __init__(
        self, connection: socket.socket | ssl.SSLSocket, deadline: float, most_bytes: int
    ) -> None:
        self._connection, self._deadline, self._most_bytes = connection, deadline, most_bytes

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self._connection.settimeout(_left(self._deadline))
            left = left[self._connection.send(left) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._connection, self._deadline, self._most_bytes))

    def close(self) -> None:
        """The answer is still read after `http.client` is done with the connection."""


class _Incoming(io.RawIOBase):
    def __init__(
        self, connection: socket.socket | ssl.SSLSocket, deadline: float, most_bytes: int
    ) -> None:
        self._connection, self._deadline, self._left_bytes = connection, deadline, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        self._connection.settimeout(_left(self._deadline))
        count = self._connection.recv_into(buffer)
        self._left_bytes -= count
        if self._left_bytes < 0:
            raise _TooLong
        return count
