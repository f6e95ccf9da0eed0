"""Take mail for the managed mailboxes, by LMTP from a mail server in front, or by SMTP."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand

from tokens.doors.inbox.post_office import server

LMTP_PORT: Final = 8024
SMTP_PORT: Final = 8025


class Command(BaseCommand):
    help = "Take mail for the managed mailboxes until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="where to listen, 127.0.0.1 unless told"
        )
        parser.add_argument(
            "--port", type=int, help=f"{LMTP_PORT} for LMTP and {SMTP_PORT} for SMTP unless told"
        )
        parser.add_argument("--smtp", action="store_true", help="speak SMTP instead of LMTP")

    def handle(self, *_args: Any, host: str, port: int | None, smtp: bool, **_options: Any) -> None:
        os.umask(0o077)
        chosen = port if port is not None else (SMTP_PORT if smtp else LMTP_PORT)
        try:
            asyncio.run(self.serve(host, chosen, is_smtp=smtp))
        except (OSError, OverflowError) as error:
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else ""
            self.stderr.write(
                f"steward: port {chosen} on {host} cannot be used ({reason or error})"
            )
            sys.exit(2)

    async def serve(self, host: str, port: int, *, is_smtp: bool) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        make = server(is_smtp=is_smtp, hostname=settings.ENVIRONMENT.public_host)
        listening = await loop.create_server(make, host, port)
        kind = "SMTP" if is_smtp else "LMTP"
        self.stdout.write(f"Steward takes mail by {kind} on {host} port {port}")
        self.stdout.flush()
        try:
            await stopped.wait()
        finally:
            listening.close()
