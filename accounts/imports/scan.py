"""Turns the rows of a reading into accounts and rejected rows, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from accounts.sources.connectors.base import Misfit, Reading
from accounts.sources.shape import LONGEST_ID, BadValue, Row, Shape

SHOWN_CHARACTERS: Final = 200
"""Of a value that is rejected; the whole row is kept beside it."""
MOST_ROWS_MERGED: Final = 100_000
MOST_CHARACTERS_MERGED: Final = 32 * 1024 * 1024
"""Of one account, which is held in memory as a whole; a cell like the one above counts once."""


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


@dataclass
class Batch:
    """Some thousand rows. Those of the staging table are plain tuples, made for speed."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def batches(reading: Reading, shape: Shape, *, merge: bool, size: int) -> Iterator[Batch]:
    """What the rows are, `size` rows of the file at a time.

    Raises:
        FileRefused: the file cannot be read on.
    """
    if merge and shape.has_multi_valued:
        yield from _merged(reading, shape, size)
        return
    content, rows = shape.content, iter(reading)
    while True:
        batch = Batch()
        add, seen = batch.rows.append, 0
        for line, cells in islice(rows, size):
            seen += 1
            if cells.__class__ is Misfit:
                batch.rejected.append(_misfit(reading, shape, line, cells))
                continue
            try:
                add(content(line, cells))
            except BadValue as bad:
                batch.rejected.append(_rejected(reading, shape, line, cells, bad))
        if not seen:
            return
        yield batch


def _merged(reading: Reading, shape: Shape, size: int) -> Iterator[Batch]:
    """Neighbouring rows with one Account ID become one account."""
    group: list[tuple[int, list[str]]] = []
    identity, too_many, held, batch = "", False, 0, Batch()
    for line, cells in reading:
        if len(batch.rows) + len(batch.rejected) >= size:
            yield batch
            batch = Batch()
        if cells.__class__ is Misfit:
            batch.rejected.append(_misfit(reading, shape, line, cells))
            continue
        found = shape.identity_of(cells)
        if found != identity or not found:
            if group:
                _add_account(batch, reading, shape, group)
            group, too_many, held = [], False, 0
        identity = found
        if not too_many:
            fresh = _sharing(group[-1][1], cells) if group else cells
            held += sum(len(cell) for cell in fresh)
            group.append((line, cells))
            too_many = len(group) > MOST_ROWS_MERGED or held > MOST_CHARACTERS_MERGED
            if too_many:
                batch.rejected += [_too_many(reading, shape, *row) for row in group]
                group = []
        else:
            batch.rejected.append(_too_many(reading, shape, line, cells))
    if group:
        _add_account(batch, reading, shape, group)
    yield batch


def _sharing(above: list[str], cells: list[str]) -> list[str]:
    """The cells that differ from those above; the others become the same text in memory."""
    fresh = []
    for place, (old, new) in enumerate(zip(above, cells, strict=True)):
        if old == new:
            cells[place] = old
        else:
            fresh.append(new)
    return fresh


def _too_many(reading: Reading, shape: Shape, line: int, cells: list[str]) -> Rejected:
    bad = BadValue("too_many", shape.id_place, shape.identity_of(cells))
    return _rejected(reading, shape, line, cells, bad)


def _add_account(
    batch: Batch, reading: Reading, shape: Shape, group: list[tuple[int, list[str]]]
) -> None:
    try:
        batch.rows.append(shape.merged(group[0][0], [cells for _line, cells in group]))
    except BadValue as bad:
        batch.rejected += [_rejected(reading, shape, line, cells, bad) for line, cells in group]


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
    """Where a row has another number of cells, nobody knows which belongs to which column."""
    assert isinstance(cells, Misfit)
    value = str(len(cells))
    if cells.column:
        value = cells[shape.columns.index(cells.column)] if cells.names_account else ""
    identity = shape.identity_of(cells) if cells.names_account else ""
    return Rejected(
        line=line,
        reason_code=cells.reason,
        column=cells.column,
        value=value[:SHOWN_CHARACTERS],
        native_identity=identity if len(identity) <= LONGEST_ID else "",
        content=json.dumps(reading.as_read(cells), ensure_ascii=False),
    )
