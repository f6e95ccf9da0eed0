"""Files as the world makes them: read right, or refused by name with their line."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from accounts.imports import queries
from accounts.imports.files import lines
from accounts.imports.files.errors import FileRefused
from accounts.imports.states import State
from accounts.models import ImportRun, RejectedRow
from tests.factories.imports import accounts_of, bring, make_source, plan, rows, upload

pytestmark = pytest.mark.django_db

ROW = "SA-001,audit01,admin@company.com,Monthly audit"
GOOD = rows(ROW, "SA-002,backup01,ops@company.com,Backups")


def zipped(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, GOOD)
    return packed.getvalue()


TAKEN = {
    "UTF-8": GOOD.encode(),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "UTF-16 little endian": b"\xff\xfe" + GOOD.encode("utf-16-le"),
    "UTF-16 big endian": b"\xfe\xff" + GOOD.encode("utf-16-be"),
    "CRLF": GOOD.replace("\n", "\r\n").encode(),
    "CR": GOOD.replace("\n", "\r").encode(),
    "mixed line ends": GOOD.replace("\n", "\r\n", 1).replace("\n", "\r", 3).encode(),
    "no end of the last line": GOOD.rstrip("\n").encode(),
    "empty lines": GOOD.replace("\n", "\n\n\n").encode(),
    "semicolons": GOOD.replace(",", ";").encode(),
    "tabs": GOOD.replace(",", "\t").encode(),
    "pipes": GOOD.replace(",", "|").encode(),
    "all quoted": "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in GOOD.splitlines()
    ).encode(),
    "comments": GOOD.replace("\nSA-002", "\n# that was it, nearly\nSA-002").encode(),
    "a comment first": b"# exported today\n" + GOOD.encode(),
    "delimiters at the ends": GOOD.replace("\n", ",,\n").encode(),
    "blanks around the header": GOOD.replace("id,name", " id , Name ").encode(),
    "blanks around the ID": GOOD.replace("SA-001", "  SA-001 ").encode(),
}


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN.keys())
def test_it_is_read_right(content: bytes) -> None:
    source = make_source()
    run = bring(source, content)
    assert run.state == State.APPLIED, run.failure
    assert {i: list(values.values()) for i, values in accounts_of(source).items()} == {
        "SA-001": ["admin@company.com", "SA-001", "audit01", "Monthly audit"],
        "SA-002": ["ops@company.com", "SA-002", "backup01", "Backups"],
    }


REFUSED_AT_ONCE = {
    "0 bytes": (b"", "empty_file"),
    "a ZIP archive": (zipped("accounts.csv"), "wrong_kind"),
    "an Excel workbook": (zipped("xl/workbook.xml"), "wrong_kind"),
    "a gzip archive": (gzip.compress(GOOD.encode()), "wrong_kind"),
    "a web page": (b"\n <!DOCTYPE html><html><body>502 Bad gateway</body></html>", "wrong_kind"),
    "a PDF": (b"%PDF-1.7\n1 0 obj", "wrong_kind"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "wrong_kind"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "wrong_kind"),
    "XML": (b"<?xml version='1.0'?><accounts/>", "wrong_kind"),
    "UTF-32": (b"\xff\xfe\x00\x00" + GOOD.encode("utf-32-le"), "utf32"),
    "NUL in UTF-8": (GOOD.replace("Backups", "Back\0ups").encode(), "nul"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "nul"),
}


@pytest.mark.parametrize(
    ("content", "reason"), REFUSED_AT_ONCE.values(), ids=REFUSED_AT_ONCE.keys()
)
def test_a_file_that_is_certainly_none_is_not_even_kept(content: bytes, reason: str) -> None:
    source = make_source()
    with pytest.raises(FileRefused) as refused:
        upload(source, content)
    assert refused.value.reason == reason
    assert "%(" not in refused.value.message
    assert not ImportRun.objects.exists()


def test_a_nul_is_found_on_its_line() -> None:
    with pytest.raises(FileRefused) as refused:
        upload(make_source(), rows(ROW, "SA-002,back\0up,x,y").encode())
    assert refused.value.line == 3


LONG = "x" * 10_000_000
REFUSED_BY_THE_PLAN = {
    "header only": ("id,name,e-mail,purpose\n", "no_rows", None),
    "only blank lines": ("\n\n\r\n", "empty_file", None),
    "only comments": ("# nothing\n# here\n", "empty_file", None),
    "a missing column": ("id,name,purpose\nSA-1,a,b\n", "missing_columns", 1),
    "the wrong header": ("\n\nuser;mail\na;b\n", "missing_columns", 3),
    "an extra column": ("id,name,e-mail,purpose,is_admin\n1,a,b,c,true\n", "extra_columns", 1),
    "a duplicate column": ("id,name,e-mail,purpose,Name\n1,a,b,c,d\n", "duplicate_columns", 1),
    "a column without a name": ("id,name,,e-mail,purpose\n1,a,b,c,d\n", "unnamed_column", 1),
    "20,000 columns": (",".join(f"c{n}" for n in range(20_000)) + "\n", "too_many_columns", 1),
    "a quote that is not closed": (
        rows(ROW, 'SA-002,"backup01,ops@company.com,Backups', ROW.replace("001", "003")),
        "unclosed_quote",
        3,
    ),
    "an unclosed quote in a long file": (
        rows(ROW, 'SA-002,"backup01,x,y', *[f"S-{n},a,b,c" for n in range(200_000)]),
        "unclosed_quote",
        3,
    ),
    "text behind a quote": (rows(ROW, 'SA-002,"back"up01,x,y'), "stray_quote", 3),
    "a field of 10 MB": (rows(ROW, f"SA-002,{LONG},x,y"), "field_too_long", 3),
    "a quoted field of 10 MB": (rows(ROW, f'SA-002,"{LONG}",x,y'), "field_too_long", 3),
    "a field a little too long": (
        rows(ROW, f"SA-002,{'x' * (lines.LONGEST_FIELD + 1)},x,y"),
        "field_too_long",
        3,
    ),
    "a line of 50 MB": (rows(ROW, "SA-002," + "ab," * 17_000_000), "line_too_long", 3),
    "a line of 2 MB that ends": (rows(ROW, "SA-002," + "ab," * 700_000, ROW), "line_too_long", 3),
}


@pytest.mark.parametrize(
    ("content", "reason", "line"), REFUSED_BY_THE_PLAN.values(), ids=REFUSED_BY_THE_PLAN.keys()
)
def test_a_file_that_cannot_be_read_changes_nothing(
    content: str, reason: str, line: int | None
) -> None:
    source = make_source()
    bring(source, rows("SA-777,kept,k@company.com,Kept"))
    run = plan(source, content)
    assert (run.state, run.failure_reason, run.failure_line) == (State.FAILED, reason, line)
    assert run.failure
    assert "%(" not in run.failure
    assert set(accounts_of(source)) == {"SA-777"}
    source.refresh_from_db()
    assert source.status == "failing"
    assert source.failure == run.failure


def test_the_next_good_import_makes_a_source_healthy() -> None:
    source = make_source()
    plan(source, "id,name\n")
    bring(source, GOOD)
    source.refresh_from_db()
    assert (source.status, source.failure) == ("healthy", "")


def test_line_breaks_delimiters_and_quotes_may_stand_in_quotes() -> None:
    source = make_source()
    run = bring(
        source,
        rows(
            'SA-001,audit01,a@company.com,"one\r\ntwo\n#three ""four"", five"',
            "SA-002,backup01,,",
            ",nobody,,",
        ),
    )
    assert accounts_of(source)["SA-001"]["purpose"] == 'one\r\ntwo\n#three "four", five'
    # the fourth record begins on line 6, because the first one has three
    assert [(r.line, r.reason_code) for r in run_rejected(run)] == [(6, "no_id")]


def run_rejected(run: ImportRun) -> list[RejectedRow]:
    return list(queries.rejected(run).order_by("line"))


def test_the_delimiter_of_the_settings_wins_and_another_is_named() -> None:
    source = make_source(config={"delimiter": ";"})
    run = plan(source, GOOD)
    assert run.failure_reason == "missing_columns"
    assert "“,”" in run.failure
    assert plan(source, GOOD.replace(",", ";")).state == State.PLANNED


def test_extra_columns_are_ignored_where_the_source_says_so_and_never_applied() -> None:
    source = make_source(config={"ignore_extra_columns": True})
    run = bring(source, "id,is_admin,name,e-mail,tenant,purpose\nSA-001,true,audit01,a@b.c,x,why\n")
    assert run.ignored_columns == ["is_admin", "tenant"]
    assert accounts_of(source)["SA-001"] == {
        "id": "SA-001",
        "name": "audit01",
        "e-mail": "a@b.c",
        "purpose": "why",
    }


def test_without_a_quote_character_quotes_are_text() -> None:
    source = make_source(config={"quote": ""})
    bring(source, rows('SA-001,"audit01",a@b.c,5" pipe'))
    assert accounts_of(source)["SA-001"]["name"] == '"audit01"'
    assert accounts_of(source)["SA-001"]["purpose"] == '5" pipe'
