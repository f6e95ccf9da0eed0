"""The reader against files that nobody thought of: what was written comes back, with its line."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.imports.files import lines
from accounts.imports.files.dialect import Dialect
from accounts.imports.files.encodings import ENCODINGS, detect
from accounts.imports.files.errors import FileRefused
from accounts.imports.files.reader import Misfit, Records

pytestmark = pytest.mark.sqlite

HEADER = ["id", "name"]
PLAIN = Dialect(delimiter=",", quote='"', comment="")
CELL = st.text(
    st.one_of(
        st.sampled_from(list(",;\t\"'\r\n# ")),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=12,
)
BREAK = re.compile(r"\r\n|\r|\n")


@contextmanager
def stored(content: bytes) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def read(
    content: bytes, encoding: str, dialect: Dialect, block: int = lines.BLOCK_BYTES
) -> list[tuple[int, list[str]]]:
    """All records, header first; in small blocks a record has its usual room all the same."""
    room = patch.object(lines, "LONGEST_RECORD_BLOCKS", 10**6)
    small = patch.object(lines, "BLOCK_BYTES", block)
    with stored(content) as path, small, room, Records(path, encoding, dialect, HEADER) as records:
        return [(records.header_line, records.header), *records]


def written(rows: list[list[str]], delimiter: str, end: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return text.getvalue()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.tuples(CELL, CELL).map(list), max_size=6),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    block=st.integers(1, 40),
)
@example(rows=[["a\r", "b"]], delimiter=",", end="\n", encoding="utf-8", block=6)
def test_what_was_written_comes_back_with_the_line_on_which_it_begins(
    rows: list[list[str]], delimiter: str, end: str, encoding: str, block: int
) -> None:
    rows = [HEADER, *rows]
    content = written(rows, delimiter, end).encode(encoding)
    found = read(
        content, encoding.removesuffix("-sig"), Dialect(delimiter=delimiter, comment=""), block
    )
    assert [cells for _line, cells in found] == rows
    begins = 1
    for (line, _cells), row in zip(found, rows, strict=True):
        assert line == begins
        begins += 1 + sum(len(BREAK.findall(cell)) for cell in row)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=300), encoding=st.sampled_from(sorted(ENCODINGS)))
@example(content=b'id,name\r\n"', encoding="utf-8")
@example(content=b"\xff\xfe\x00", encoding="utf-16")
def test_any_bytes_are_read_or_refused_by_name(content: bytes, encoding: str) -> None:
    for dialect in (PLAIN, Dialect(), Dialect(delimiter="")):
        refusal = refusal_of(partial(read, content, encoding, dialect, 7))
        assert refusal is None or refusal.message
        line = refusal.line if refusal else None
        assert line is None or 1 <= line <= len(content) + 2


def refusal_of(work: Callable[[], object]) -> FileRefused | None:
    try:
        work()
    except FileRefused as refused:
        return refused
    return None


@given(content=st.binary(max_size=300))
def test_any_bytes_are_told_an_encoding_that_reads_them_or_none(content: bytes) -> None:
    with stored(content) as path:
        refusal = refusal_of(lambda: detect(path))
        if refusal is not None:
            assert refusal.reason in ("empty_file", "wrong_kind", "nul", "utf32")
            return
        detected = detect(path)
    if not detected.encoding:
        assert "line" in detected.evidence
    elif detected.encoding != "utf-16":  # which may end in half a character
        content.decode(ENCODINGS[detected.encoding][0])


@given(st.lists(CELL, min_size=1, max_size=5))
def test_a_row_with_more_or_fewer_cells_keeps_all_of_them(cells: list[str]) -> None:
    content = written([HEADER, cells], ",", "\n").encode()
    with stored(content) as path, Records(path, "utf-8", PLAIN, HEADER) as records:
        records.arrange([1, 0])
        ((_line, found),) = records
    if len(cells) < 2 or any(cells[2:]):
        assert isinstance(found, Misfit)
        assert list(found) == cells
    else:
        assert found == [cells[1], cells[0]]
