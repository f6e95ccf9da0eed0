from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sealed:
    """A sealed value: a data key wrapped by the key `key_id`, and the text under that data key."""

    key_id: str
    blob: bytes
