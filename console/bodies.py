"""The body of a request, as it comes from the network."""

from __future__ import annotations

from typing import Protocol


class Input(Protocol):
    def read(self, size: int, /) -> bytes: ...


class CutOff(ConnectionError):
    """The connection ended before all of the body had come."""


class Whole:
    """Reads a body of known length, and fails where the connection ends before it does.

    Servers hand over what has come by then, and Django takes that for all of it: of a file that
    was sent only in half the other half would be missing, and its accounts with it.
    """

    def __init__(self, sent: Input, length: int) -> None:
        """`length` is in bytes."""
        self._sent, self._left = sent, length

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all; fewer at the end only.

        Raises:
            CutOff: there is no more, and should be.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        parts = []
        while wanted > 0:
            part = self._sent.read(wanted)
            if not part:
                raise CutOff("The body ended too early.")
            parts.append(part)
            wanted -= len(part)
            self._left -= len(part)
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        """Up to a line's end; one byte at a time, for nothing here reads lines."""
        found = bytearray()
        while len(found) != size and not found.endswith(b"\n") and (part := self.read(1)):
            found += part
        return bytes(found)
