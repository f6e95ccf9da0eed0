"""A connection to a directory: checked address, checked certificate, bind and paged search.

The messages are made and read by sansldap, which does no input or output: sockets, TLS, lengths
and time are ours to bound. RFC 4511 and, for pages, RFC 2696.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Final, NoReturn, TypeVar

import sansldap
from django.template.defaultfilters import filesizeformat
from sansldap import LDAPResultCode as Code

from accounts.lib import outgoing
from accounts.sources.directory.errors import DirectoryRefused, hint_of, readable

LDAPS, STARTTLS, PLAIN = "ldaps", "starttls", "plain"

MOST_MESSAGE_BYTES: Final = 16 * 1024 * 1024
"""Of one entry, with all of its values."""
MOST_ENTRIES: Final = 2_000_000
MOST_MINUTES: Final = 120
"""Of one reading, from the connection to the last entry."""
READ_BYTES: Final = 64 * 1024

CERTIFICATE_TIMES: Final = (9, 10)
CERTIFICATE_NAMES: Final = (62, 64)
"""Verification errors of OpenSSL: not yet or no longer valid; a wrong host name or address."""

Message = TypeVar("Message", bound=sansldap.LDAPMessage)


@dataclass(frozen=True)
class Server:
    """Where a directory is and how it is reached."""

    host: str
    port: int
    security: str = LDAPS
    ca: str = ""
    """Certificates of authorities in PEM; without any, those that the system trusts."""
    timeout_seconds: int = 30
    """For each answer that is waited for."""
    most_seconds: float = MOST_MINUTES * 60
    loopback: bool = False


@dataclass(frozen=True)
class Search:
    base: str
    scope: sansldap.SearchScope
    filter: sansldap.LDAPFilter
    attributes: Sequence[str]
    page_size: int


@dataclass(frozen=True)
class Entry:
    """An entry as the directory gave it; names of attributes in lower case."""

    dn: str
    attributes: dict[str, list[bytes]]


@dataclass
class Directory:
    """An open connection; a context manager, which closes it."""

    server: Server
    count: int = 0
    """Entries that were read so far."""
    references: int = 0
    """Referrals to other servers, which are not followed."""
    _socket: socket.socket = field(init=False, repr=False)
    _client: sansldap.LDAPClient = field(init=False, repr=False)
    _buffer: bytearray = field(init=False, repr=False)
    _deadline: float = field(init=False, repr=False)

    def __enter__(self) -> Directory:
        """Connect, and speak TLS as far as the settings ask for it.

        Raises:
            DirectoryRefused: it cannot be reached, or not safely.
        """
        self._deadline = time.monotonic() + self.server.most_seconds
        self._client, self._buffer = sansldap.LDAPClient(), bytearray()
        self._socket = self._connected()
        try:
            if self.server.security == LDAPS:
                self._start_tls()
            elif self.server.security == STARTTLS:
                self._ask_for_tls()
                self._start_tls()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError, sansldap.LDAPError):
            if kind is None:
                self._client.unbind()
                self._send()
        self._socket.close()

    def bind(self, dn: str, password: str) -> None:
        """Say who reads; without a DN, nobody in particular.

        Raises:
            DirectoryRefused: the directory does not let that one in.
        """
        if dn and not password:
            # RFC 4513 section 5.1.2: it would be let in as nobody, and look like success
            raise DirectoryRefused("no_password")
        self._client.bind_simple(dn, password)
        answer = self._answer(sansldap.BindResponse)
        code, said = answer.result.result_code, answer.result.diagnostics_message
        if code == Code.INVALID_CREDENTIALS:
            raise DirectoryRefused("bad_credentials", hint=hint_of(said))
        if code == Code.INVALID_DN_SYNTAX:
            raise DirectoryRefused("bad_dn", detail=readable(said))
        if code in (Code.INAPPROPRIATE_AUTHENTICATION, Code.UNWILLING_TO_PERFORM) and not dn:
            raise DirectoryRefused("wants_bind")
        if code != Code.SUCCESS:
            self._refuse(answer.result, base=dn)

    def search(self, search: Search) -> Iterator[Entry]:
        """Every entry, page by page; raises at the end unless the directory says it was all.

        Raises:
            DirectoryRefused: it does not answer, or stops before the end.
        """
        cookie = b""
        while True:
            self._client.search_request(
                search.base,
                search.scope,
                sansldap.DereferencingPolicy.NEVER,
                filter=search.filter,
                attributes=list(search.attributes),
                controls=[sansldap.PagedResultControl(True, search.page_size, cookie)],
            )
            self._send()
            while not isinstance(message := self._next(), sansldap.SearchResultDone):
                if isinstance(message, sansldap.SearchResultEntry):
                    yield self._entry(message)
                elif isinstance(message, sansldap.SearchResultReference):
                    self.references += 1
                else:
                    self._not_ldap()
            if message.result.result_code != Code.SUCCESS:
                self._refuse(message.result, base=search.base)
            cookie = next(
                (c.cookie for c in message.controls if isinstance(c, sansldap.PagedResultControl)),
                b"",
            )
            if not cookie:
                return

    def first(self, search: Search, most: int, *, names_only: bool = False) -> Iterator[Entry]:
        """The first entries, which may be fewer than there are, however many the server allows.

        With `names_only` the server says which attributes they have, and sends no value of any.
        """
        self._client.search_request(
            search.base,
            search.scope,
            sansldap.DereferencingPolicy.NEVER,
            size_limit=most,
            types_only=names_only,
            filter=search.filter,
            attributes=list(search.attributes),
        )
        self._send()
        while not isinstance(message := self._next(), sansldap.SearchResultDone):
            if isinstance(message, sansldap.SearchResultEntry):
                yield self._entry(message)
            elif isinstance(message, sansldap.SearchResultReference):
                self.references += 1
            else:
                self._not_ldap()
        if message.result.result_code not in (Code.SUCCESS, Code.SIZE_LIMIT_EXCEEDED):
            self._refuse(message.result, base=search.base)

    def _entry(self, message: sansldap.SearchResultEntry) -> Entry:
        self.count += 1
        if self.count > MOST_ENTRIES:
            raise DirectoryRefused("too_many", limit=f"{MOST_ENTRIES:,}")
        found: dict[str, list[bytes]] = {}
        for attribute in message.attributes:
            found.setdefault(attribute.name.lower(), []).extend(attribute.values)
        return Entry(message.object_name, found)

    def _connected(self) -> socket.socket:
        server = self.server
        try:
            allows = partial(outgoing.is_allowed, loopback=server.loopback)
            targets = outgoing.resolve(server.host, server.port, allows=allows)
        except outgoing.Refused as error:
            raise DirectoryRefused("address_refused", host=server.host, address=error) from error
        except (OSError, UnicodeError) as error:
            raise DirectoryRefused("host_unknown", host=server.host) from error
        for target in targets:
            try:
                return self._connect(target)
            except TimeoutError as error:
                failure: OSError = error
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            self._timed_out(failure)
        raise DirectoryRefused("no_answer", host=server.host, port=server.port) from failure

    def _connect(self, target: outgoing.Target) -> socket.socket:
        made = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            made.settimeout(self._patience())
            made.connect((target.address, target.port))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except BaseException:
            made.close()
            raise
        return made

    def _ask_for_tls(self) -> None:
        self._client.extended_request(sansldap.ExtendedOperations.LDAP_START_TLS.value)
        answer = self._answer(sansldap.ExtendedResponse)
        if answer.result.result_code != Code.SUCCESS:
            raise DirectoryRefused(
                "no_starttls", detail=readable(answer.result.diagnostics_message)
            )
        if self._buffer:
            self._not_ldap()  # whoever is between us put words before those that TLS protects

    def _start_tls(self) -> None:
        """Nothing but a certificate that holds is accepted; there is no setting to do otherwise."""
        server = self.server
        context = ssl.create_default_context(cadata=server.ca or None)
        self._socket.settimeout(self._patience())
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=server.host)
        except ssl.SSLCertVerificationError as error:
            reason = "untrusted"
            if error.verify_code in CERTIFICATE_TIMES:
                reason = "certificate_expired"
            elif error.verify_code in CERTIFICATE_NAMES:
                reason = "wrong_name"
            raise DirectoryRefused(reason, host=server.host) from error
        except TimeoutError as error:
            self._timed_out(error)
        except (OSError, ValueError) as error:
            detail = readable(getattr(error, "reason", None) or str(error))
            raise DirectoryRefused(
                "tls_failed", host=server.host, port=server.port, detail=detail
            ) from error

    def _answer(self, kind: type[Message]) -> Message:
        self._send()
        message = self._next()
        if not isinstance(message, kind):
            self._not_ldap()
        return message

    def _send(self) -> None:
        try:
            self._socket.settimeout(self._patience())
            self._socket.sendall(self._client.data_to_send())
        except TimeoutError as error:
            self._timed_out(error)
        except OSError as error:
            raise DirectoryRefused("hung_up", count=self.count) from error

    def _next(self) -> sansldap.LDAPMessage:
        """The next message, of which no more than `MOST_MESSAGE_BYTES` are ever kept."""
        length = self._length()
        while len(self._buffer) < length:
            self._receive()
        raw = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        try:
            messages = self._client.receive(raw)
        except sansldap.ProtocolError as error:
            if isinstance(error.request, sansldap.ExtendedResponse):
                # a notice of disconnection, RFC 4511 section 4.4.1
                self._refuse(error.request.result, base="")
            self._not_ldap(error)
        except RecursionError as error:
            self._not_ldap(error)
        if len(messages) != 1:
            self._not_ldap()
        return messages[0]

    def _length(self) -> int:
        """Of the message that begins the buffer, with its tag; from the first bytes of BER."""
        while len(self._buffer) < 2:
            self._receive()
        tag, first = self._buffer[0], self._buffer[1]
        if tag != 0x30 or first == 0x80 or first > 0x84:
            self._not_ldap()
        if first < 0x80:
            return 2 + first
        size = first & 0x7F
        while len(self._buffer) < 2 + size:
            self._receive()
        length = 2 + size + int.from_bytes(self._buffer[2 : 2 + size], "big")
        if length > MOST_MESSAGE_BYTES:
            raise DirectoryRefused("too_large", limit=filesizeformat(MOST_MESSAGE_BYTES))
        return length

    def _receive(self) -> None:
        try:
            self._socket.settimeout(self._patience())
            data = self._socket.recv(READ_BYTES)
        except TimeoutError as error:
            self._timed_out(error)
        except OSError as error:
            raise DirectoryRefused("hung_up", count=self.count) from error
        if not data:
            raise DirectoryRefused("hung_up", count=self.count)
        self._buffer += data

    def _patience(self) -> float:
        """How long the next step may take."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            if self.server.most_seconds < MOST_MINUTES * 60:
                self._timed_out(None)
            raise DirectoryRefused("too_long", minutes=MOST_MINUTES)
        return min(left, self.server.timeout_seconds)

    def _timed_out(self, error: BaseException | None) -> NoReturn:
        server = self.server
        seconds = int(min(server.timeout_seconds, server.most_seconds))
        raise DirectoryRefused("timed_out", host=server.host, seconds=seconds) from error

    def _not_ldap(self, error: BaseException | None = None) -> NoReturn:
        server = self.server
        raise DirectoryRefused("not_ldap", host=server.host, port=server.port) from error

    def _refuse(self, result: sansldap.LDAPResult, *, base: str) -> NoReturn:
        """Say what a result other than success means here."""
        code, said = result.result_code, readable(result.diagnostics_message)
        reason = BY_CODE.get(code, "refused")
        if code == Code.OPERATIONS_ERROR and "bind" in said.lower():
            reason = "wants_bind"  # Active Directory
        hint = (
            f" ({result.matched_dn})" if code == Code.NO_SUCH_OBJECT and result.matched_dn else ""
        )
        if reason == "refused":
            said = f"{code.name} ({code.value}), {said}"
        raise DirectoryRefused(reason, base=base, count=self.count, detail=said, hint=hint)


BY_CODE: Final[dict[Code, str]] = {
    Code.TIME_LIMIT_EXCEEDED: "time_limit",
    Code.SIZE_LIMIT_EXCEEDED: "size_limit",
    Code.ADMIN_LIMIT_EXCEEDED: "size_limit",
    Code.STRONG_AUTH_REQUIRED: "wants_tls",
    Code.CONFIDENTIALITY_REQUIRED: "wants_tls",
    Code.REFERRAL: "elsewhere",
    Code.UNAVAILABLE_CRITICAL_EXTENSION: "no_paging",
    Code.NO_SUCH_OBJECT: "no_base",
    Code.INVALID_DN_SYNTAX: "bad_base",
    Code.INSUFFICIENT_ACCESS_RIGHTS: "not_permitted",
    Code.INAPPROPRIATE_AUTHENTICATION: "wants_bind",
}
