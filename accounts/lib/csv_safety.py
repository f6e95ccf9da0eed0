"""CSV that a spreadsheet opens as text and never runs as a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

FORMULA_STARTS: Final = frozenset("=+-@＝＋－＠﹢﹣﹦﹫−")
"""What starts a formula (OWASP, CSV Injection), with the full-width and small forms."""

CHUNK_BYTES: Final = 64 * 1024
"""About this much is sent at a time: one chunk a row would cost one write a row."""

BYTE_ORDER_MARK: Final = "\ufeff"


def safe_cell(value: object) -> str:
    """The text of one cell; a text that a spreadsheet would run gets a leading apostrophe.

    Numbers stay as they are: a negative number is no formula. Nothing (None) is empty.
    """
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if _starts_a_formula(text) else text


def plain_cell(cell: str) -> str:
    """What `safe_cell` was given: takes away the apostrophe that it put before a formula.

    So what was exported is imported unchanged. An apostrophe that stands before anything else
    is part of the text.
    """
    return cell[1:] if cell.startswith("'") and _starts_a_formula(cell[1:]) else cell


def _starts_a_formula(text: str) -> bool:
    """Also behind white space and invisible characters, which spreadsheets strip.

    And behind apostrophes: an own one gets another, so that `plain_cell` can tell them apart.
    """
    text = text.lstrip("'")
    if text[:1] in ("\t", "\r", "\n"):
        return True
    for character in text:
        if character in FORMULA_STARTS:
            return True
        if not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf"):
            return False
    return False


def stream_csv(
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    byte_order_mark: bool = True,
) -> Iterator[bytes]:
    """The table as UTF-8 in chunks, quoted as RFC 4180 says, every cell made safe.

    Spreadsheets take the file for Latin-1 without the byte order mark.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    if byte_order_mark:
        buffer.write(BYTE_ORDER_MARK)
    writer.writerow([safe_cell(cell) for cell in header])
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        if buffer.tell() >= CHUNK_BYTES:
            yield _drain(buffer)
    if buffer.tell():
        yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", errors="replace")  # a lone surrogate must not end the file
