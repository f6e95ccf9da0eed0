"""Secrets that are made once and live in files of their own."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path


class BadSecretFile(Exception):
    """A secret file cannot be used: what is wrong with it, and the mend; never what it holds."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem}; {mend}")
        self.problem, self.mend = problem, mend


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The secret in `path`, made and written with mode 0600 if there is no such file yet.

    Several processes may start at once on an empty folder: the secret is written aside and linked
    into place, which only one of them can do, so nobody ever reads half a secret or a second one.

    Raises:
        BadSecretFile: the file is unreadable, empty, or open to other users.
    """
    try:
        if not os.path.lexists(path):
            _make(path, make())
        return _read(path)
    except OSError as error:
        raise BadSecretFile(
            f"cannot be read or made ({error.strerror})", "check the folder and its owner"
        ) from error
    except UnicodeDecodeError as error:
        raise BadSecretFile("is not text", "restore it from a backup") from error


def _read(path: Path) -> str:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise BadSecretFile("is no regular file", "name another one")
    if mode & 0o077:
        raise BadSecretFile("is open to other users", f"run: chmod 600 {path}")
    secret = path.read_text("ascii").strip()
    if not secret:
        raise BadSecretFile("is empty", "restore it from a backup")
    return secret


def _make(path: Path, secret: str) -> None:
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        # another process was faster: its secret is the one
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
