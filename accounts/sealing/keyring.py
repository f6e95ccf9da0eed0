from __future__ import annotations

import base64
import binascii
import hashlib
import logging
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeyRing:
    """Key-encryption keys by id. The newest seals; all of them open."""

    keys: dict[str, bytes] = field(repr=False)
    newest: str


def key_id(key: bytes) -> str:
    """A short public name of a key: eight hex digits of its SHA-256."""
    return hashlib.sha256(b"steward sealing key" + key).hexdigest()[:8]


def parse(text: str) -> KeyRing:
    """Read a key file: one base64url key of 32 bytes a line, the newest first.

    Raises:
        ImproperlyConfigured: there is no key, or a line is not one; the key is not repeated.
    """
    ring: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            padded = line.strip() + "=" * (-len(line.strip()) % 4)
            key = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise ImproperlyConfigured(
                f"Sealing key file, line {number}: not base64url."
            ) from error
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured(
                f"Sealing key file, line {number}: {len(key)} bytes, not {KEY_BYTES}."
            )
        ring.setdefault(key_id(key), key)
    if not ring:
        raise ImproperlyConfigured("The sealing key file holds no key.")
    return KeyRing(keys=ring, newest=next(iter(ring)))


@dataclass(frozen=True)
class _Read:
    stamp: tuple[int, ...]
    ring: KeyRing


_read: _Read | None = None


def key_ring() -> KeyRing:
    """The ring in `STEWARD_SEALING_KEY_FILE` as it stands now: other processes change it.

    A file that vanished or was damaged later leaves what was read before: what runs goes on.

    Raises:
        ImproperlyConfigured, OSError: it could not be read even once.
    """
    global _read
    file, known = Path(settings.STEWARD_SEALING_KEY_FILE), _read
    try:
        # a replaced file has another inode, even where its time is too coarse to tell
        facts = file.stat()
        stamp = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
        if known is None or known.stamp != stamp:
            known = _read = _Read(stamp, parse(file.read_text(encoding="ascii")))
    except (OSError, UnicodeDecodeError, ImproperlyConfigured):
        if known is None:
            raise
        logger.exception("The file of sealing keys cannot be read any more")
    return known.ring
