"""Ids for many rows at once, which grow with time, so that indexes are written at their end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Final

_RANDOM_BYTES: Final = 6
_AT_ONCE: Final = 4096
_COUNTER_BITS: Final = 26


def new_ids(at: datetime) -> Iterator[str]:
    """UUIDs of version 7 (RFC 9562, section 6.2, method 1) as 32 hexadecimal digits, endlessly.

    A counter of 26 bits follows the time, 48 random bits follow the counter.
    """
    milliseconds = int(at.timestamp() * 1000)
    counter = int.from_bytes(os.urandom(3)) & 0xFFFFF
    while True:
        random = os.urandom(_RANDOM_BYTES * _AT_ONCE).hex()
        for place in range(0, len(random), 2 * _RANDOM_BYTES):
            counter += 1
            if counter >> _COUNTER_BITS:
                milliseconds, counter = milliseconds + 1, 0
            high, low = counter >> 14, counter & 0x3FFF
            tail = random[place : place + 2 * _RANDOM_BYTES]
            yield f"{milliseconds:012x}7{high:03x}{0x8000 | low:04x}{tail}"
