"""Mail by LMTP (RFC 2033) or SMTP (RFC 5321): taken for mailboxes that there are, and for nobody
else, so that nothing is relayed and nothing bounces."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection
from django.utils import timezone

from accounts.audit.context import RequestFacts, request_facts
from accounts.inbox import receiving
from accounts.inbox.reading import Unreadable
from accounts.lib.errors import DomainError

MOST_CONNECTIONS: Final = 50
MOST_SESSION_SECONDS: Final = 60
"""Without a word from the other side."""
CALLS: Final = {"RCPT": 100, "MAIL": 100, "DATA": 100, "RSET": 100, "*": 20}
"""Of each command in one connection."""
THREADS: Final = 4
"""That ask the database at a time."""

DONE: Final = "250 2.0.0 OK"
UNKNOWN: Final = "550 5.1.1 Nobody takes mail at this address"
MANY: Final = "452 4.5.3 Too many recipients"
LATER: Final = "451 4.3.0 Not stored. Try again later"
FULL: Final = "452 4.2.2 Too much mail lately. Try again later"
LARGE: Final = "552 5.3.4 This mail is too large"
UNREADABLE: Final = "554 5.6.0 This mail cannot be read"
REFUSALS: Final[dict[type[DomainError], str]] = {
    receiving.UnknownRecipient: UNKNOWN,
    receiving.TooMany: FULL,
    receiving.TooLarge: LARGE,
    Unreadable: UNREADABLE,
}
BUSY: Final = b"421 4.3.2 Too many connections. Try again later\r\n"

logger = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)
# below that the library writes down what a mail says


class PostOffice:
    """What the server asks about each recipient and each mail."""

    def __init__(self, *, answers_each: bool) -> None:
        """`answers_each` recipient, as LMTP does; SMTP has one answer for all of them."""
        self._answers_each = answers_each
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="post-office")

    async def handle_RCPT(  # noqa: N802  the library calls it so
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, *_options: Any
    ) -> str:
        if len(envelope.rcpt_tos) >= receiving.MOST_RECIPIENTS:
            return MANY
        said = await self._asked(session, _look_up, address)
        if said == DONE:
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        said = [await self._asked(session, _store, each, content) for each in envelope.rcpt_tos]
        if self._answers_each:
            return "\r\n".join(said)
        # what is stored already is known when it comes again
        return next((each for each in said if each.startswith("4")), None) or next(
            (each for each in said if each == DONE), said[0]
        )

    async def _asked(self, session: Session, ask: Callable[..., str], *about: Any) -> str:
        loop = asyncio.get_running_loop()
        address = _address(session.peer)
        return await loop.run_in_executor(self._threads, _answer, address, ask, *about)


def _answer(address: str, ask: Callable[..., str], *about: Any) -> str:
    """What a part of the domain says to this, whatever happens to the database meanwhile."""
    close_old_connections()
    try:
        with request_facts(RequestFacts(address=address)):
            return ask(*about)
    except tuple(REFUSALS) as refusal:
        return REFUSALS[type(refusal)]
    except DatabaseFailure:
        logger.exception("The database failed a mail that came in")
        with suppress(DatabaseFailure):
            connection.close()
        return LATER
    except Exception:
        logger.exception("A mail that came in was not stored")
        return LATER
    finally:
        close_old_connections()


def _look_up(address: str) -> str:
    receiving.check_recipient(address, at=timezone.now())
    return DONE


def _store(address: str, content: bytes) -> str:
    receiving.receive_mail(to=address, raw=content, at=timezone.now())
    return DONE


def _address(peer: Any) -> str:
    """The other side's address; empty where it has none, as by a socket of this machine."""
    with suppress(ValueError, TypeError, IndexError):
        return str(ipaddress.ip_address(str(peer[0]).partition("%")[0]))
    return ""


class _Busy(asyncio.Protocol):
    """Says so, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(BUSY)
        transport.close()


def server(*, is_smtp: bool, hostname: str) -> Callable[[], asyncio.BaseProtocol]:
    """Makes the protocol of each connection; for the loop that runs."""
    office, loop, open_now = PostOffice(answers_each=not is_smtp), asyncio.get_running_loop(), set()
    kind: type[SMTP] = SMTP if is_smtp else LMTP

    class Counted(kind):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            open_now.add(self)
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            open_now.discard(self)
            super().connection_lost(error)

    def make() -> asyncio.BaseProtocol:
        if len(open_now) >= MOST_CONNECTIONS:
            return _Busy()
        return Counted(
            office,
            data_size_limit=receiving.MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="Steward",
            timeout=MOST_SESSION_SECONDS,
            command_call_limit=CALLS,
            loop=loop,
        )

    return make
