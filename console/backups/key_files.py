"""The key files of an installation, read for a backup and made again by a restore."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from accounts.sealing import keyring, ring_file
from console.backups.errors import CannotRestore

SEALING: Final = "sealing_key"
SIGNING: Final = "secret_key"
"""It signs sessions and links; it may also come from the environment."""


def read() -> dict[str, str]:
    """What a backup keeps: all sealing keys, and the key that signs sessions and links."""
    return {SEALING: ring_file.path().read_text("ascii"), SIGNING: settings.SECRET_KEY}


def write(keys: dict[str, str], *, at: datetime) -> list[str]:
    """Put the keys of a backup in place.

    Sealing keys that were here stay on the ring, behind the others; the key that signed sessions
    is kept in a file beside.

    Returns:
        What the operator has to do by hand, a sentence each.

    Raises:
        RingIsReadOnly: another program keeps the file of sealing keys.
    """
    with ring_file.locked():
        ring_file.put_first(keyring.parse(keys[SEALING]).keys.values())
    if keys[SIGNING] == settings.SECRET_KEY:
        return []
    if os.environ.get("SECRET_KEY"):
        return [
            "SECRET_KEY of the environment is another one than in the backup: sessions and links "
            "from before do not work with it."
        ]
    _replace(_signing_file(), keys[SIGNING] + "\n", at)
    return []


def check_writable() -> None:
    """Refuse early what would fail late.

    Raises:
        CannotRestore: a key file cannot be replaced.
    """
    if not ring_file.is_writable():
        raise CannotRestore(f"{ring_file.path()} cannot be written. Make it so first.")
    folder = _signing_file().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotRestore(f"{folder} cannot be written to. Make it so first.")


def _signing_file() -> Path:
    named = os.environ.get("SECRET_KEY_FILE")
    return Path(named) if named else Path(settings.STEWARD_DATA_DIR, "secret_key")


def _replace(file: Path, text: str, at: datetime) -> None:
    if file.exists():
        os.link(file, file.with_name(f"{file.name}.before-restore-{at:%Y%m%dT%H%M%SZ}"))
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    number = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    aside.replace(file)
