"""The PostgreSQL of the tests starts, hands on the exit status, and leaves nothing."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from tests.setup.running import run

pytestmark = pytest.mark.sqlite

ASK = """
import os, psycopg
with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as connection:
    print(*connection.execute("SELECT current_setting('fsync'), inet_server_port()").fetchone())
raise SystemExit(7)
"""


def test_a_server_is_there_for_one_command() -> None:
    launch = [sys.executable, "-m", "tests.postgres", "--", sys.executable, "-c", ASK]
    done = run(launch, {"PATH": os.environ["PATH"], "TMPDIR": "/tmp"})  # noqa: S108
    assert done.returncode == 7, done.stderr
    fsync, port = done.stdout.split()
    assert fsync == "off"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)))


def test_a_command_is_needed() -> None:
    done = run([sys.executable, "-m", "tests.postgres"], {"PATH": os.environ["PATH"]})
    assert (done.returncode, done.stdout) == (2, "")
