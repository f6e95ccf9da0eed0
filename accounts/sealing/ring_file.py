"""The file of sealing keys, changed whole: whoever reads it never sees half of it."""

from __future__ import annotations

import base64
import errno
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.sealing.keyring import KEY_BYTES, KeyRing, parse

MODE = 0o600
UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)
"""What a file answers that is mounted from elsewhere, as containers do with secrets."""


class RingIsReadOnly(DomainError):
    """Another program keeps the file: whoever runs that puts a new key there."""

    code = "ring_is_read_only"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Steward may not write the file of sealing keys. Put a new key before the others "
                "where that file comes from."
            )
        )


def path() -> Path:
    """The file itself, where its name is a link."""
    return Path(settings.STEWARD_SEALING_KEY_FILE).resolve()


def copy_path() -> Path:
    """Where keys go that are taken out."""
    file = path()
    return file.with_name(f"{file.name}.taken_out")


def is_writable() -> bool:
    """Whether the file can be replaced: that asks its folder, not the file."""
    file = path()
    return os.access(file.parent, os.W_OK | os.X_OK) and not file.is_mount()


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


@contextmanager
def locked() -> Iterator[None]:
    """One process at a time changes the file, whatever machine-local process it is.

    Raises:
        RingIsReadOnly
    """
    try:
        folder = os.open(path().parent, os.O_RDONLY)
    except OSError as error:
        raise RingIsReadOnly from error
    try:
        # the folder: a lock on the file itself would be on what is replaced
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def add(key: bytes) -> None:
    """Put a key before the others, so that it seals; inside `locked`.

    Raises:
        RingIsReadOnly
    """
    _replace(path(), [key, *_ring().keys.values()])


def put_first(keys: Iterable[bytes]) -> None:
    """Put the keys of another ring before those of this one, which stay; inside `locked`.

    Raises:
        RingIsReadOnly
    """
    first = list(keys)
    _replace(path(), [*first, *(key for key in _ring().keys.values() if key not in first)])


def take_out(key_id: str) -> Path:
    """Move a key to the file beside, which is written first; answers that file; inside `locked`.

    Raises:
        RingIsReadOnly
    """
    ring, beside = _ring(), copy_path()
    gone = ring.keys[key_id]
    before = parse(beside.read_text("ascii")).keys if beside.exists() else {}
    _replace(beside, [gone, *(key for kept, key in before.items() if kept != key_id)])
    _replace(path(), [key for kept, key in ring.keys.items() if kept != key_id])
    return beside


def _ring() -> KeyRing:
    return parse(path().read_text("ascii"))


def _replace(file: Path, keys: list[bytes]) -> None:
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as output:
                output.write("".join(f"{_line(key)}\n" for key in keys))
                output.flush()
                os.fsync(output.fileno())
            aside.replace(file)
            _sync(file.parent)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in UNWRITABLE:
            raise RingIsReadOnly from error
        raise


def _line(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def _sync(folder: Path) -> None:
    """So that the new name of the file outlives a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
