"""What the cells of a row become by the account schema: checked, typed, one canonical text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, Final, NamedTuple, Protocol
from unicodedata import is_normalized

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lib.csv_safety import plain_cell
from accounts.sources.connectors.base import Type

LONGEST_ID: Final = 255
"""Characters of an Account ID and of an Account Name."""

REASONS: Final[dict[str, str | Promise]] = {
    "no_id": _("The Account ID is empty."),
    "no_name": _("The Account Name is empty."),
    "too_long": _("Longer than 255 characters."),
    "invisible": _("Holds a character that cannot be seen or has no meaning."),
    "int": _("Not a whole number from -2147483648 to 2147483647."),
    "long": _("Not a whole number of at most 64 bits."),
    "boolean": _("Neither true nor false."),
    "date": _("Not a date like 2026-11-22 or 2026-11-22T08:00:00Z."),
    "cells": _("The row has another number of cells than the header has columns."),
    "repeated": _("Another row has the same Account ID; all of them are rejected."),
    "differs": _(
        "Rows of one account differ in an attribute that is not Multi-Valued; all are rejected."
    ),
    "too_many": _("The account has more rows, or longer ones, than fit into one account."),
    "several": _(
        "The directory has several values for an attribute that is not Multi-Valued. Make it "
        "Multi-Valued in the account schema, or map another attribute."
    ),
    "partial": _("The directory gave only some of the values of this attribute."),
    "not_text": _("Not text, and of no kind that could be written as text."),
}
"""Why a row is rejected, or a value typed in a form."""

_NO_DIGEST: Final = blake2b(digest_size=16)
INT: Final = re.compile(r"[+-]?\d{1,25}", re.ASCII)
WORDS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class BadValue(Exception):
    """A value that does not fit; `reason` is one of `REASONS`, `column` counts from 0."""

    def __init__(self, reason: str, column: int, value: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column
        self.value = value


class Content(NamedTuple):
    """An account as it is stored; `line` is where it stood."""

    line: int
    native_identity: str
    name: str
    name_key: str
    attributes: str
    """JSON, its members sorted, those without a value left out."""
    digest: str
    """Of `attributes`: equal if and only if nothing changed."""


Row = tuple[int, str, str, str, str, str]
"""The same as a plain tuple, of which there may be millions."""


class Attribute(Protocol):
    """What is to be known of an attribute; a row of the schema has it."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def is_multi_valued(self) -> bool: ...

    @property
    def is_account_id(self) -> bool: ...

    @property
    def is_account_name(self) -> bool: ...


def name_key(name: str) -> str:
    """The form in which names are sorted, searched and counted as shared."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFKC", name).casefold()[:LONGEST_ID]


def _whole(reason: str, bits: int) -> Callable[[str], int | None]:
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def convert(text: str) -> int | None:
        if not INT.fullmatch(text):
            raise ValueError(reason)
        if not least <= (number := int(text)) <= most:
            raise ValueError(reason)
        return number

    return convert


def _boolean(text: str) -> bool:
    if (found := WORDS.get(text.lower())) is None:
        raise ValueError("boolean")
    return found


def _date(text: str) -> str:
    """Kept as it is written: whether there is a time or a zone is part of what it says."""
    try:
        date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("date") from None
    return text


CONVERTERS: Final[Mapping[str, Callable[[str], Any]]] = {
    Type.INT: _whole("int", 32),
    Type.LONG: _whole("long", 64),
    Type.BOOLEAN: _boolean,
    Type.DATE: _date,
}
"""By type; a string is taken as it is. The error's text is one of `REASONS`."""


@dataclass(frozen=True)
class Column:
    place: int
    name: str
    member: str
    """The beginning of its member in the canonical text."""
    convert: Callable[[str], Any] | None
    is_multi_valued: bool


class Shape:
    """An account schema, made ready for many rows."""

    def __init__(self, attributes: Sequence[Attribute]) -> None:
        """`attributes` in the order of the cells, one of them the ID and one the name."""
        self.columns = [attribute.name for attribute in attributes]
        self.id_place = next(i for i, a in enumerate(attributes) if a.is_account_id)
        self.name_place = next(i for i, a in enumerate(attributes) if a.is_account_name)
        columns = [
            Column(
                place=place,
                name=attribute.name,
                member=f"{encode_basestring(attribute.name)}: ",
                convert=CONVERTERS.get(attribute.type),
                is_multi_valued=attribute.is_multi_valued,
            )
            for place, attribute in enumerate(attributes)
        ]
        self._sorted = sorted(columns, key=lambda column: column.name)
        members = [column.member.replace("%", "%%") + '"%s"' for column in self._sorted]
        self._template = "{" + ", ".join(members) + "}"
        self._in_order = _picker([column.place for column in self._sorted])
        self._is_plain = not any(c.convert or c.is_multi_valued for c in columns)
        self._multi_valued = [c.place for c in columns if c.is_multi_valued]

    @property
    def has_multi_valued(self) -> bool:
        return bool(self._multi_valued)

    def is_multi_valued(self, name: str) -> bool:
        return any(column.is_multi_valued for column in self._sorted if column.name == name)

    def identity_of(self, cells: Sequence[str]) -> str:
        """The Account ID of a row as it will be stored, whether it is good or not."""
        return _composed(plain_cell(cells[self.id_place]).strip())

    def content(self, line: int, cells: Sequence[str]) -> Row:
        """The account of one row.

        Raises:
            BadValue: a cell does not fit.
        """
        if self._is_plain and "" not in cells:
            # no sign that JSON escapes, that a spreadsheet guards, or that cannot be seen
            text = " ".join(cells)
            if (
                text.isprintable()
                and '"' not in text
                and "\\" not in text
                and " '" not in text
                and text[0] != "'"
            ):
                native, name = cells[self.id_place], cells[self.name_place]
                if _is_tidy(native) and _is_tidy(name):
                    text = self._template % self._in_order(cells)
                    return line, native, name, name_key(name), text, _digest(text)
        return self._typed(line, [[plain_cell(cell) for cell in cells]])

    def merged(self, line: int, rows: Sequence[Sequence[str]]) -> Row:
        """The account of several rows with one Account ID.

        Raises:
            BadValue: a cell does not fit, or a single value differs between the rows.
        """
        return self._typed(line, [[plain_cell(cell) for cell in cells] for cells in rows])

    def _typed(self, line: int, rows: Sequence[Sequence[str]]) -> Row:
        rows = [self._tidied(cells) for cells in rows]
        first = rows[0]
        native, name = first[self.id_place], first[self.name_place]
        self._refuse_length(native, name)
        members = []
        for column in self._sorted:
            if column.is_multi_valued:
                text = self._many(column, rows)
            else:
                text = self._single(column, rows)
            if text:
                members.append(column.member + text)
        text = "{" + ", ".join(members) + "}"
        return line, native, name, name_key(name), text, _digest(text)

    def _single(self, column: Column, rows: Sequence[Sequence[str]]) -> str:
        cell = rows[0][column.place]
        for other in rows[1:]:
            if other[column.place] != cell:
                raise BadValue("differs", column.place, other[column.place])
        return _converted(column, cell) if cell else ""

    def _many(self, column: Column, rows: Sequence[Sequence[str]]) -> str:
        """Each value once, in the order of the rows."""
        cells = dict.fromkeys(cells[column.place] for cells in rows if cells[column.place])
        texts = dict.fromkeys(_converted(column, cell) for cell in cells)
        return f"[{', '.join(texts)}]" if texts else ""

    def _tidied(self, cells: Sequence[str]) -> list[str]:
        """Account ID and Account Name without blanks around, composed, and visible."""
        tidy = list(cells)
        for place in (self.id_place, self.name_place):
            tidy[place] = _composed(cells[place].strip())
            if not tidy[place].isprintable():
                _check_visible(tidy[place], place)
        return tidy

    def _refuse_length(self, native: str, name: str) -> None:
        for place, value, reason in (
            (self.id_place, native, "no_id"),
            (self.name_place, name, "no_name"),
        ):
            if not value:
                raise BadValue(reason, place, value)
            if len(value) > LONGEST_ID:
                raise BadValue("too_long", place, value)

    def cells_of(self, attributes: Mapping[str, Any]) -> list[list[str]]:
        """The rows that `merged` would make the account of, unguarded: the way back."""
        rows = [[""] * len(self.columns)]
        for column in self._sorted:
            value = attributes.get(column.name)
            values = value if isinstance(value, list) else [value]
            texts = [_text(each) for each in values if each is not None] or [""]
            if not column.is_multi_valued:
                texts = texts[:1]
                for row in rows:
                    row[column.place] = texts[0]
                continue
            for number, text in enumerate(texts):
                if number == len(rows):
                    rows.append(list(rows[0]))
                    for place in self._multi_valued:
                        rows[-1][place] = ""
                rows[number][column.place] = text
        for place in set(range(len(self.columns))) - set(self._multi_valued):
            for row in rows[1:]:
                row[place] = rows[0][place]
        return rows


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if len(places) == 1:
        return lambda cells: (cells[places[0]],)
    return itemgetter(*places)


def _is_tidy(text: str) -> bool:
    """Whether an Account ID or name, none of it invisible, is stored as it stands."""
    return (
        len(text) <= LONGEST_ID
        and text[0] != " " != text[-1]
        and (text.isascii() or is_normalized("NFC", text))
    )


def _digest(text: str) -> str:
    digest = _NO_DIGEST.copy()  # quicker than to make one
    digest.update(text.encode())
    return digest.hexdigest()


def _converted(column: Column, cell: str) -> str:
    if "\0" in cell:
        raise BadValue("invisible", column.place, cell)  # no database can hold it
    if column.convert is None:
        return encode_basestring(cell)
    try:
        return json.dumps(column.convert(cell.strip()), ensure_ascii=False)
    except ValueError as error:
        raise BadValue(str(error), column.place, cell) from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _check_visible(text: str, place: int) -> None:
    """Blanks of other scripts may stand inside; what cannot be seen may not."""
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in text):
        raise BadValue("invisible", place, text)
