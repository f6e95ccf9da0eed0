"""Which encoding a file is in: what is certain is detected, what is not is asked for.

A mark at the start (BOM) and valid UTF-8 are proof. Of the eight-bit encodings only Windows-1252
is ever detected, and only where each byte reads the same in all its rivals and stands where that
character belongs. Otherwise the first byte that could be read in several ways is shown.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from accounts.imports.files.errors import FileRefused
from accounts.imports.files.kinds import BYTES_TO_LOOK_AT, check_kind

UTF_8: Final = "utf-8"
UTF_16: Final = "utf-16"
WINDOWS_1252: Final = "windows-1252"

ENCODINGS: Final[dict[str, tuple[str, str]]] = {
    UTF_8: ("utf-8-sig", "UTF-8"),
    UTF_16: ("utf-16", "UTF-16"),
    "utf-16-le": ("utf-16-le", "UTF-16 LE"),
    "utf-16-be": ("utf-16-be", "UTF-16 BE"),
    WINDOWS_1252: ("cp1252", "Windows-1252"),
    "windows-1250": ("cp1250", "Windows-1250"),
    "windows-1251": ("cp1251", "Windows-1251"),
    "windows-1254": ("cp1254", "Windows-1254"),
    "windows-1257": ("cp1257", "Windows-1257"),
    "iso-8859-15": ("iso8859-15", "ISO 8859-15"),
    "ibm850": ("cp850", "IBM 850 (DOS)"),
    "macintosh": ("mac_roman", "Mac Roman"),
}
"""What can be chosen: its name, Python's codec and its label."""

RIVALS: Final = ("windows-1250", "windows-1254", "windows-1257", "iso-8859-15")
"""Eight-bit encodings of the Latin script that look like Windows-1252 at first sight."""

BLOCK_BYTES: Final = 1024 * 1024
LINE_BYTES: Final = 64 * 1024
"""Of a line that is judged at a time; context matters for neighbouring bytes only."""


@dataclass(frozen=True)
class Detected:
    """What a file says of its encoding; `evidence` is empty where that is certain."""

    encoding: str
    evidence: str = ""

    @property
    def is_certain(self) -> bool:
        return bool(self.encoding)


def encoding_choices() -> list[tuple[str, str]]:
    return [(name, label) for name, (_codec, label) in ENCODINGS.items()]


def label_of(encoding: str) -> str:
    return ENCODINGS[encoding][1] if encoding in ENCODINGS else encoding


def detect(path: Path) -> Detected:
    """Look at the whole file, in constant memory.

    Raises:
        FileRefused: empty_file, wrong_kind, utf32, nul.
    """
    with path.open("rb") as file:
        start = file.read(BYTES_TO_LOOK_AT)
    if not start:
        raise FileRefused("empty_file")
    check_kind(start)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise FileRefused("utf32")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Detected(UTF_16)
    if _is_utf_8(path):
        return Detected(UTF_8)
    doubt = next(_doubts(path), None)
    return Detected(WINDOWS_1252) if doubt is None else Detected("", doubt)


def _is_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    line, is_valid = 1, True
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            if (at := block.find(b"\0")) >= 0:
                line += block.count(b"\n", 0, at)
                raise FileRefused("nul", line=line, encoding="UTF-8")
            line += block.count(b"\n")
            try:
                is_valid and decoder.decode(block)
            except UnicodeDecodeError:
                is_valid = False
        try:
            is_valid and decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_valid = False
    return is_valid


def _reading(byte: int, encoding: str) -> str:
    """The character of a byte, or nothing where it has none or only a control character."""
    try:
        character = bytes([byte]).decode(ENCODINGS[encoding][0])
    except UnicodeDecodeError:
        return ""
    return "" if unicodedata.category(character) == "Cc" else character


def _is_certain(byte: int) -> bool:
    """Whether all rivals that know the byte read it as Windows-1252 does.

    Letters below A0 are never certain: there Mac Roman and IBM 850 have their usual ones.
    """
    ours = _reading(byte, WINDOWS_1252)
    if not ours or (byte < 0xA0 and ours.isalpha()):
        return False
    return {_reading(byte, rival) for rival in RIVALS} <= {ours, ""}


_CERTAIN: Final = frozenset(byte for byte in range(0x80, 0x100) if _is_certain(byte))
_LETTERS: Final = frozenset(
    byte for byte in _CERTAIN if _reading(byte, WINDOWS_1252).isalpha() and byte >= 0xC0
)


def _one_of(members: frozenset[int]) -> bytes:
    return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(members)) + b"]"


_DOUBTFUL: Final = re.compile(
    _one_of(frozenset(range(0x80, 0x100)) - _CERTAIN)
    # a word without any ASCII letter beside it may well be Cyrillic or Greek
    + b"|(?<![A-Za-z])"
    + _one_of(_LETTERS)
    + b"(?![A-Za-z])"
    # a sign inside a word may well be a letter of Mac Roman or IBM 850
    + b"|(?<=[A-Za-z])"
    + _one_of(_CERTAIN - _LETTERS)
    + b"(?=[A-Za-z])"
)


def _doubts(path: Path) -> Iterator[str]:
    number = 1
    with path.open("rb") as file:
        while line := file.readline(LINE_BYTES):
            if (found := _DOUBTFUL.search(line)) is not None:
                yield _evidence(number, found.group()[0])
            number += line.endswith(b"\n")


def _evidence(line: int, byte: int) -> str:
    names = [WINDOWS_1252, *RIVALS, "windows-1251", "macintosh", "ibm850"]
    readings: dict[str, list[str]] = {}
    for name in names:
        if character := _reading(byte, name):
            readings.setdefault(character, []).append(label_of(name))
    said = "; ".join(
        _("“%(character)s” in %(encodings)s")
        % {"character": character, "encodings": ", ".join(labels)}
        for character, labels in readings.items()
    )
    return _("on line %(line)d the byte %(byte)s is %(readings)s") % {
        "line": line,
        "byte": f"{byte:02X}",
        "readings": said,
    }
