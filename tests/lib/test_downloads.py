from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.lib.csv_safety import CHUNK_BYTES, safe_cell, stream_csv
from accounts.lib.headers import content_disposition
from accounts.lib.names import MAX_FILE_NAME, file_name

pytestmark = pytest.mark.sqlite

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "－1",
    " =1",
    "\u200b=1",
    "\0=1",
]


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_a_spreadsheet_would_run_is_text(typed: str) -> None:
    assert safe_cell(typed) == f"'{typed}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (-5, "-5"),
        (True, "True"),
        ("a=b", "a=b"),
        ("", ""),
        (datetime(2026, 11, 22, 9, tzinfo=UTC), "2026-11-22T09:00:00+00:00"),
    ],
)
def test_other_values_stay_as_they_are(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=20))
def test_every_reader_gets_the_cells_back(rows: list[list[str]]) -> None:
    text = b"".join(stream_csv(["one", "two"], rows, byte_order_mark=False)).decode()
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["one", "two"], *[[safe_cell(cell) for cell in row] for row in rows]]
    assert not any(cell[:1] in "=+-@\t\r\n" for row in read for cell in row if cell)


def test_the_table_comes_in_chunks_and_not_row_by_row() -> None:
    chunks = list(stream_csv(["n"], ([f"row {n}"] for n in range(50_000))))
    assert chunks[0].startswith(b"\xef\xbb\xbfn\r\nrow 0\r\n")
    assert len(chunks) < 12
    assert all(len(chunk) >= CHUNK_BYTES for chunk in chunks[:-1])


def test_half_a_character_does_not_end_the_file() -> None:
    assert b"".join(stream_csv(["n"], [["\ud800"]], byte_order_mark=False)) == b"n\r\n?\r\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nightly report", "Nightly report_privateKey.jwk"),
        ("../../etc/passwd", "etc-passwd_privateKey.jwk"),
        ('a"b\r\nX: y', "a-b-X- y_privateKey.jwk"),
        ("v1.2", "v1-2_privateKey.jwk"),
        ("Größe 日本", "Grosse_privateKey.jwk"),
        ("日本", "account_privateKey.jwk"),
        ("audit01", "audit01_privateKey.jwk"),
        ("...", "account_privateKey.jwk"),
    ],
)
def test_a_key_is_called_after_its_account(name: str, expected: str) -> None:
    assert file_name(name, "_privateKey.jwk") == expected


def test_a_device_of_windows_is_no_file_name() -> None:
    assert file_name("CON", ".pem") == "CON-.pem"


@given(st.text())
def test_no_name_leaves_the_folder_or_outgrows_it(name: str) -> None:
    made = file_name(name, ".jwk")
    assert made.endswith(".jwk")
    assert len(made) <= MAX_FILE_NAME + 1
    assert made.isascii()
    assert not set(made[:-4]) & set("./\\\"'\r\n\0;%:*?<>|")


def test_a_download_keeps_its_name_in_every_language() -> None:
    header = content_disposition("Größe.csv")
    assert header == "attachment; filename=\"Groe.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv"
    assert content_disposition("audit.csv") == 'attachment; filename="audit.csv"'


@given(st.text())
def test_a_header_is_one_line_of_ascii_whatever_the_name(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.split('"')[1]
    assert header.count('"') == 2
    assert not set(header.split('"')[1]) & set("/\\;%")


def test_a_name_cannot_add_a_header() -> None:
    header = content_disposition('x"\r\nSet-Cookie: a=b.csv')
    assert header.startswith('attachment; filename="x_Set-Cookie: a=b.csv"; filename*=')
