"""Start Steward: web server and background worker, ready to use."""

from __future__ import annotations

import http.client
import os
import socket
import sys
from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, connections

from console.environment import Environment
from console.environment.addresses import in_url, is_every_address
from console.environment.values import BASE_DIR
from console.supervisor import Supervisor


class CannotStart(Exception):
    """The text is one line that says why and what to do."""


class Command(BaseCommand):
    help = "Prepare the database and the static files, then run web server and background worker."
    # migrating comes first, and the checks of the database would complain before it
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="fill the tenant with a believable example first"
        )

    def handle(self, *_args: Any, demo: bool, **_options: Any) -> None:
        os.umask(0o077)
        environment: Environment = settings.ENVIRONMENT
        try:
            # the port first: whoever starts a second time should learn so at once
            listener = listen(environment.host, environment.port)
            prepare_database()
        except CannotStart as problem:
            self.stderr.write(f"steward: {problem}")
            sys.exit(2)
        call_command("collectstatic", interactive=False, verbosity=0)
        if demo:
            call_command("seed_demo", stdout=self.stdout)
        ensure_administrator(self)
        connections.close_all()
        supervisor = Supervisor(
            web=[sys.executable, "-m", "gunicorn", "--config=python:console.gunicorn"]
            + [f"--bind=fd://{listener.fileno()}"],
            worker=[sys.executable, str(BASE_DIR / "manage.py"), "worker"],
            listener=listener.fileno(),
        )
        sys.exit(supervisor.run(when_started=lambda: self.is_ready(environment)))

    def is_ready(self, environment: Environment) -> bool:
        """Whether the web server answers; says so once it does."""
        status = answer_of(environment)
        if status is None:
            return False
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            self.stderr.write(f"steward: the sign-in page fails ({status}); see the log above")
        else:
            self.stdout.write(f"Steward is ready on {environment.public_url}")
            self.stdout.flush()
        return True


def listen(host: str, port: int) -> socket.socket:
    """The socket that gunicorn inherits. Early visitors wait in it until it starts."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise CannotStart(
            f"PORT {port} on HOST {host} cannot be used ({reason}); free it or set others"
        ) from error
    listener.set_inheritable(True)
    return listener


def prepare_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = " ".join(str(error).split())
        raise CannotStart(
            f"DATABASE_URL names a database that does not answer ({reason}); start or mend it"
        ) from error
    check_sealing_keys()
    call_command("migrate", interactive=False, verbosity=0)
    if settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
        call_command("createcachetable", verbosity=0)


def check_sealing_keys() -> None:
    """Refuse to start, before anything is written, where sealed values would not open.

    Raises:
        CannotStart
    """
    from accounts.sealing import queries

    if missing := queries.missing():
        keys = ", ".join(sorted(missing))
        raise CannotStart(
            f"STEWARD_SEALING_KEY_FILE names {settings.STEWARD_SEALING_KEY_FILE}, which lacks the "
            f"key {keys} of {sum(missing.values())} sealed values; restore it from a backup"
        )


def ensure_administrator(command: BaseCommand) -> None:
    from console.setup.bootstrap import ensure_first_administrator

    ensure_first_administrator(command.stdout)


def answer_of(environment: Environment) -> int | None:
    """The status of the sign-in page, asked for as a visitor would; None while nobody answers."""
    host = "127.0.0.1" if is_every_address(environment.host) else environment.host
    headers = {"Host": in_url(environment.public_host)}
    try:
        with closing(http.client.HTTPConnection(host, environment.port, timeout=10)) as client:
            client.request("GET", settings.LOGIN_URL, headers=headers)
            return client.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
