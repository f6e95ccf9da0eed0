"""The file into which a command writes a private key."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotWrite(Exception):
    """The text is one line that says which file and why."""


@contextmanager
def holding(path: Path, text: str) -> Iterator[None]:
    """A new file at `path` with `text`, readable by its owner alone; gone if the body fails.

    It appears whole or not at all, and nothing that is there is ever overwritten, a dangling
    link included. Written before the body runs, so that what the body commits cannot be left
    without its key by a full disk.

    Raises:
        CannotWrite: there is a file already, or none can be made.
    """
    check_free(path)
    try:
        _write(path, text)
    except FileExistsError as error:
        raise CannotWrite(f"{path} exists already; choose another file") from error
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written ({error.strerror})") from error
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def check_free(path: Path) -> None:
    """Raises CannotWrite where the file could not be made; before anything costly is done."""
    if os.path.lexists(path):
        raise CannotWrite(f"{path} exists already; choose another file")
    if not path.parent.is_dir():
        raise CannotWrite(f"{path.parent} is no folder")


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)  # unlike a rename, this never replaces
    finally:
        draft.unlink()
