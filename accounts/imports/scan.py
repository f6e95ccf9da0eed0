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
    identity, batch = "", Batch()
    for line, cells in reading:
        if cells.__class__ is Misfit:
            batch.rejected.append(_misfit(reading, shape, line, cells))
            continue
        found = shape.identity_of(cells)
        if group and (found != identity or not found):
            _add_account(batch, reading, shape, group)
            group = []
            if len(batch.rows) + len(batch.rejected) >= size:
                yield batch
                batch = Batch()
        identity = found
        group.append((line, cells))
    if group:
        _add_account(batch, reading, shape, group)
    yield batch


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
