"""Uploaded files: where they are kept, under which name, and how much room there is."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.imports.files.errors import FileRefused
from accounts.lib.errors import DomainError

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of one file: some eight million rows."""
MOST_BYTES_KEPT: Final = 4 * 1024 * 1024 * 1024
"""Of all files together."""
LONGEST_NAME: Final = 200
DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
STORED_NAME: Final = re.compile(r"[0-9a-f]{32}\.txt")


class NoRoom(DomainError):
    """The files that are kept take up all of their quota."""

    code = "no_room"


@dataclass(frozen=True)
class Stored:
    name: str
    size: int
    sha256: str


def folder() -> Path:
    """For this user only, like the data folder that it stands in."""
    path = Path(settings.STEWARD_DATA_DIR, "imports")
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def path_of(stored_name: str) -> Path:
    """Where a stored file lies; only names that `store` made are ever opened.

    Raises:
        FileRefused: file_gone.
    """
    path = folder() / stored_name
    if not STORED_NAME.fullmatch(stored_name) or not path.is_file():
        raise FileRefused("file_gone")
    return path


def store(chunks: Iterable[bytes]) -> Stored:
    """Write an upload under a name of our own, and flush it to the disk.

    Raises:
        FileRefused: too_large.
        NoRoom: the quota is used up, or the disk is full.
    """
    room = MOST_BYTES_KEPT - _kept()
    name = f"{uuid.uuid4().hex}.txt"
    path = folder() / name
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise FileRefused("too_large", limit=filesizeformat(MOST_BYTES))
                if size > room:
                    raise NoRoom(
                        _("There is no room for this file. Cancel imports that wait."),
                        field="file",
                    )
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            raise NoRoom(
                _("The disk is full. Nothing was kept; make room, then upload it again."),
                field="file",
            ) from error
        raise
    return Stored(name, size, digest.hexdigest())


def forget(stored_name: str) -> None:
    """Remove a file. Twice is harmless."""
    if STORED_NAME.fullmatch(stored_name):
        (folder() / stored_name).unlink(missing_ok=True)


def written_before(at: datetime) -> list[str]:
    """Names of stored files that are older."""
    return [
        entry.name
        for entry in os.scandir(folder())
        if entry.is_file() and entry.stat().st_mtime < at.timestamp()
    ]


def display_name(name: str) -> str:
    """The name that the file had where it came from, without path and invisible characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c if c.isprintable() else "_" for c in last).strip()[-LONGEST_NAME:]


def _kept() -> int:
    return sum(entry.stat().st_size for entry in os.scandir(folder()) if entry.is_file())
