"""Turns the rows of a reading into accounts and rejected rows, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from accounts.imports.staging import Row
from accounts.sources.connectors.base import Misfit, Reading
from accounts.sources.shape import LONGEST_ID, BadValue, Shape

SHOWN_CHARACTERS: Final = 200
"""Of a value that is rejected; the whole row is kept beside it."""


class Rejected(NamedTuple):
    """A row that is not taken."""

    line: int
    reason_code: str
    column: str
    value: str
    native_identity: str
    """Empty where it cannot be told which account the row is about."""
    content: str
    """Its cells as JSON, in the order of the file's columns."""


def accounts(reading: Reading, shape: Shape, *, merge: bool) -> Iterator[Row | Rejected]:
    """What each row is. A row of the staging table is a plain tuple, made for speed.

    Raises:
        FileRefused: the file cannot be read on.
    """
    if merge and shape.has_multi_valued:
        yield from _merged(reading, shape)
        return
    content = shape.content
    for line, cells in reading:
        if cells.__class__ is Misfit:
            yield _misfit(reading, shape, line, cells)
            continue
        try:
            yield (line, *content(cells))
        except BadValue as bad:
            yield _rejected(reading, shape, line, cells, bad)


def _merged(reading: Reading, shape: Shape) -> Iterator[Row | Rejected]:
    """Neighbouring rows with one Account ID become one account."""
    group: list[tuple[int, list[str]]] = []
    identity = ""
    for line, cells in reading:
        if cells.__class__ is Misfit:
            yield _misfit(reading, shape, line, cells)
            continue
        found = shape.identity_of(cells)
        if group and (found != identity or not found):
            yield from _account(reading, shape, group)
            group = []
        identity = found
        group.append((line, cells))
    if group:
        yield from _account(reading, shape, group)


def _account(
    reading: Reading, shape: Shape, group: list[tuple[int, list[str]]]
) -> Iterator[Row | Rejected]:
    try:
        yield (group[0][0], *shape.merged([cells for _line, cells in group]))
    except BadValue as bad:
        for line, cells in group:
            yield _rejected(reading, shape, line, cells, bad)


def _rejected(
    reading: Reading, shape: Shape, line: int, cells: list[str], bad: BadValue
) -> Rejected:
    identity = shape.identity_of(cells)
    return Rejected(
        line=line,
        reason_code=bad.reason,
        column=shape.columns[bad.column],
        value=bad.value[:SHOWN_CHARACTERS],
        native_identity=identity if len(identity) <= LONGEST_ID else "",
        content=json.dumps(reading.as_read(cells), ensure_ascii=False),
    )


def _misfit(reading: Reading, shape: Shape, line: int, cells: list[str]) -> Rejected:
    """Which cell belongs to which column is not known, so neither is the account."""
    del shape
    return Rejected(
        line=line,
        reason_code="cells",
        column="",
        value=str(len(cells)),
        native_identity="",
        content=json.dumps(reading.as_read(cells), ensure_ascii=False),
    )
