"""The key files of an installation, read for a backup and made again by a restore."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from console.backups.errors import CannotRestore

SEALING: Final = "sealing_key"
SIGNING: Final = "secret_key"
"""It signs sessions and links; it may also come from the environment."""


def read() -> dict[str, str]:
    """What a backup keeps: all sealing keys, and the key that signs sessions and links."""
    return {SEALING: _sealing_file().read_text("ascii"), SIGNING: settings.SECRET_KEY}


def write(keys: dict[str, str], *, at: datetime) -> list[str]:
    """Put the keys of a backup in place; what was there is kept beside it.

    Keys that were here and are not in the backup stay on the ring, behind the others.

    Returns:
        What the operator has to do by hand, a sentence each.
    """
    ours = _sealing_file().read_text("ascii").splitlines() if _sealing_file().exists() else []
    theirs = keys[SEALING].splitlines()
    lines = [*theirs, *(line for line in ours if line.strip() and line not in theirs)]
    _replace(_sealing_file(), "\n".join(lines) + "\n", at)
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
    for file in (_sealing_file(), _signing_file()):
        if not os.access(file.parent, os.W_OK | os.X_OK):
            raise CannotRestore(f"{file} cannot be written. Make its folder writable first.")


def _sealing_file() -> Path:
    return Path(settings.STEWARD_SEALING_KEY_FILE)


def _signing_file() -> Path:
    named = os.environ.get("SECRET_KEY_FILE")
    return Path(named) if named else Path(settings.STEWARD_DATA_DIR, "secret_key")


def _replace(file: Path, text: str, at: datetime) -> None:
    if file.exists():
        if file.read_text("ascii") == text:
            return
        os.link(file, file.with_name(f"{file.name}.before-restore-{at:%Y%m%dT%H%M%SZ}"))
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    number = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    aside.replace(file)
