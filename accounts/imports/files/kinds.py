"""What people upload in place of a text file, known by its first bytes."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.imports.files.errors import FileRefused

_UNPACK: Final = gettext_noop("Unpack it first and upload the file inside.")
_SAVE_AS: Final = gettext_noop("Open it in the spreadsheet and save it as CSV (UTF-8).")
_EXPORT: Final = gettext_noop("Export the data as CSV and upload that.")

SIGNATURES: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"PK\x03\x04", gettext_noop("a ZIP archive"), _UNPACK),
    (b"PK\x05\x06", gettext_noop("an empty ZIP archive"), _UNPACK),
    (b"\x1f\x8b", gettext_noop("a gzip archive"), _UNPACK),
    (b"\xfd7zXZ\x00", gettext_noop("an xz archive"), _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", gettext_noop("a 7-Zip archive"), _UNPACK),
    (b"\x28\xb5\x2f\xfd", gettext_noop("a Zstandard archive"), _UNPACK),
    (b"Rar!\x1a\x07", gettext_noop("a RAR archive"), _UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", gettext_noop("an old Excel workbook"), _SAVE_AS),
    (b"%PDF-", gettext_noop("a PDF document"), _EXPORT),
    (b"PAR1\x15", gettext_noop("a Parquet file"), _EXPORT),
    (b"SQLite format 3\x00", gettext_noop("a SQLite database"), _EXPORT),
    (b"\x89PNG", gettext_noop("a picture"), _EXPORT),
    (b"\xff\xd8\xff", gettext_noop("a picture"), _EXPORT),
    (b"GIF8", gettext_noop("a picture"), _EXPORT),
    (b"\x7fELF", gettext_noop("a program"), _EXPORT),
)
MARKUP: Final[tuple[tuple[bytes, str], ...]] = (
    (b"<!doctype html", gettext_noop("a web page (HTML), perhaps an error page")),
    (b"<html", gettext_noop("a web page (HTML), perhaps an error page")),
    (b"<?xml", gettext_noop("an XML document")),
    (b"{\\rtf", gettext_noop("a rich text document")),
)
OFFICE_PARTS: Final = (b"[Content_Types].xml", b"xl/", b"mimetypeapplication/vnd.oasis")
BYTES_TO_LOOK_AT: Final = 4096


def check_kind(start: bytes) -> None:
    """Refuse what is certainly no text, by the first `BYTES_TO_LOOK_AT` bytes.

    Raises:
        FileRefused: wrong_kind.
    """
    if start.startswith(b"PK\x03\x04") and any(part in start for part in OFFICE_PARTS):
        _refuse(gettext_noop("an Excel or office workbook"), _SAVE_AS)
    for signature, kind, mend in SIGNATURES:
        if start.startswith(signature):
            _refuse(kind, mend)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginning, kind in MARKUP:
        if text.startswith(beginning):
            _refuse(kind, _EXPORT)
    if start.startswith(b"BZh") and start[4:10] == b"1AY&SY":
        _refuse(gettext_noop("a bzip2 archive"), _UNPACK)
    if start[257:262] == b"ustar":
        _refuse(gettext_noop("a tar archive"), _UNPACK)


def _refuse(kind: str, mend: str) -> None:
    raise FileRefused("wrong_kind", kind=_(kind), mend=_(mend))
