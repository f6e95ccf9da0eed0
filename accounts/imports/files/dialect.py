"""How the cells of a file are set apart: what the source says wins, else the header tells."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

DELIMITERS: Final = (",", ";", "\t", "|")
"""What is looked for where the source does not say; the first of equals wins."""


@dataclass(frozen=True)
class Dialect:
    """`quote` and `comment` may be empty: then nothing quotes, and no row is a comment."""

    delimiter: str = ","
    quote: str = '"'
    comment: str = "#"


def folded(column: str) -> str:
    """The form in which names of columns are compared: neither case nor blanks around matter."""
    return column.strip().casefold()


def split(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line, as far as they can be told."""
    try:
        return next(
            csv.reader(
                [line],
                delimiter=dialect.delimiter,
                quotechar=dialect.quote or None,
                quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            ),
            [],
        )
    except csv.Error:
        return []


def best_delimiter(header: str, columns: Collection[str], *, quote: str) -> str:
    """The delimiter by which most of `columns` are found in the header; a comma if none is."""
    wanted = {folded(column) for column in columns}

    def found(delimiter: str) -> int:
        cells = split(header, Dialect(delimiter=delimiter, quote=quote))
        return len(wanted & {folded(cell) for cell in cells})

    return max(DELIMITERS, key=found)
