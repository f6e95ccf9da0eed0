"""Reads a delimited file as a stream, and knows on which line everything stands."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from accounts.imports.files.dialect import Dialect, best_delimiter, folded
from accounts.imports.files.errors import FileRefused, named
from accounts.imports.files.lines import LONGEST_FIELD, EndlessRecord, Lines

MOST_COLUMNS: Final = 1000

REJECTED_LINE: Final = "Rejected line"
REJECTED_REASON: Final = "Rejected because"
REJECTED_COLUMN: Final = "Rejected column"
OURS: Final = frozenset(map(folded, (REJECTED_LINE, REJECTED_COLUMN, REJECTED_REASON)))
"""Columns of our own in the download of rejected rows; nobody need remove them before sending it
again, and no attribute may be called so."""


class Records:
    """The records of one file: `header` at once, the others by iterating, once.

    A context manager, which closes the file.
    """

    def __init__(
        self,
        path: Path,
        encoding: str,
        dialect: Dialect,
        columns: Collection[str],
    ) -> None:
        """Without a delimiter in `dialect`, that by which the header names most of `columns`.

        Raises:
            FileRefused: there is no header, or it cannot be read.
            OSError: the file cannot be opened.
        """
        if not dialect.delimiter:
            first = _first_line(path, encoding, dialect)
            chosen = best_delimiter(first, columns, quote=dialect.quote)
            dialect = replace(dialect, delimiter=chosen)
        self.dialect = dialect
        self.total = path.stat().st_size
        self._places: list[int] = []
        self._width = 0
        self._file = path.open("rb")
        self._lines = Lines(
            self._file, encoding, comment=dialect.comment, delimiter=dialect.delimiter
        )
        self._reader = csv.reader(
            iter(self._lines),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            strict=True,
        )
        try:
            self.header_line, self.header = next(iter(self), (0, []))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """Bytes read so far, of `total`."""
        return self._lines.bytes_read

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the number of its first line; empty lines and comments are left out.

        Raises:
            FileRefused: the file cannot be read on; the message names the line.
        """
        reader, lines, places, width = self._reader, self._lines, self._places, self._width
        begins = reader.line_num + 1
        try:
            for cells in reader:
                lines.records += 1
                if cells:
                    if width and (places or len(cells) != width):
                        yield begins, _arranged(cells, width, places)
                    else:
                        yield begins, cells
                begins = reader.line_num + 1
        except EndlessRecord as error:
            raise FileRefused("unclosed_quote", line=begins) from error
        except csv.Error as error:
            raise self._refusal(str(error), begins, reader.line_num) from error

    def arrange(self, places: list[int]) -> None:
        """From now on, give the cells in this order; those of a misfit as they stand."""
        self._width = len(self.header)
        self._places = [] if places == list(range(self._width)) else places

    def _refusal(self, error: str, begins: int, line: int) -> FileRefused:
        """What csv means; its texts are no interface, so anything new counts as a stray quote."""
        if "unexpected end" in error:
            return FileRefused("unclosed_quote", line=begins)
        if "field larger" in error:
            if line > begins:
                return FileRefused("unclosed_quote", line=begins)
            return FileRefused("field_too_long", line=line, limit=LONGEST_FIELD)
        return FileRefused("stray_quote", line=line)


class Misfit(list[str]):
    """The cells of a row that cannot be taken, as they stand.

    In a file that is one with more or fewer cells than there are columns.
    """

    def __init__(
        self,
        cells: Sequence[str],
        *,
        reason: str = "cells",
        column: str = "",
        names_account: bool = False,
    ) -> None:
        """`reason` is one of `shape.REASONS`, of the value in `column`, if it is about one;
        `names_account` says that there is a cell for each attribute, that of the ID among them."""
        super().__init__(cells)
        self.reason = reason
        self.column = column
        self.names_account = names_account


def _arranged(cells: list[str], width: int, places: list[int]) -> list[str]:
    """In order, without the empty cells that spreadsheets leave at the end; or as a misfit."""
    if len(cells) < width or any(cells[width:]):
        return Misfit(cells)
    return [cells[place] for place in places] if places else cells[:width]


def _first_line(path: Path, encoding: str, dialect: Dialect) -> str:
    """The first line that is neither empty nor a comment."""
    with path.open("rb") as file:
        lines = Lines(file, encoding, comment="", delimiter=",")
        for line in lines:
            lines.records += 1
            if line.strip() and not (dialect.comment and line.startswith(dialect.comment)):
                return line.rstrip("\r\n")
    return ""


def match_header(
    records: Records, columns: Sequence[str], *, ignore_extra: bool
) -> tuple[list[int], list[str]]:
    """Where each of `columns` stands in the file, and which further columns are ignored.

    Raises:
        FileRefused: columns are missing, named twice, without a name, too many or extra.
    """
    header, line = [cell.strip() for cell in records.header], records.header_line
    if not header:
        raise FileRefused("empty_file")
    if len(header) > MOST_COLUMNS:
        raise FileRefused("too_many_columns", line=line, count=len(header), limit=MOST_COLUMNS)
    while len(header) > len(columns) and not header[-1]:
        header.pop()  # delimiters at the end of the line, as spreadsheets leave them
    if "" in header:
        raise FileRefused("unnamed_column", line=line, number=header.index("") + 1)
    places: dict[str, int] = {}
    twice = []
    for place, name in enumerate(header):
        if places.setdefault(folded(name), place) != place:
            twice.append(name)
    if twice:
        raise FileRefused("duplicate_columns", line=line, columns=named(twice))
    missing = [name for name in columns if folded(name) not in places]
    if missing:
        hint = _hint(records, columns, found=len(columns) - len(missing))
        raise FileRefused("missing_columns", line=line, columns=named(missing), hint=hint)
    known = {folded(name) for name in columns}
    extra = [name for name in header if folded(name) not in known | OURS]
    if extra and not ignore_extra:
        raise FileRefused("extra_columns", line=line, columns=named(extra))
    return [places[folded(name)] for name in columns], extra


def _hint(records: Records, columns: Sequence[str], *, found: int) -> str:
    """What to say if another delimiter would have found more columns."""
    ours, quote = records.dialect.delimiter, records.dialect.quote
    text = ours.join(records.header)
    better = best_delimiter(text, columns, quote=quote)
    wanted = {folded(name) for name in columns}
    there = len(wanted & {folded(cell) for cell in text.split(better)})
    if better == ours or there <= found:
        return ""
    shown = _("a tab") if better == "\t" else f"“{better}”"
    return " " + _(
        "The file seems to use %(delimiter)s as delimiter; set that under Edit Configuration."
    ) % {"delimiter": shown}
