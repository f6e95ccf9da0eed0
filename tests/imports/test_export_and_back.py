"""What is exported is imported again unchanged, and no spreadsheet runs any of it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.audit.actors import SYSTEM
from accounts.lib.csv_safety import FORMULA_STARTS, plain_cell, safe_cell
from accounts.models import Source
from accounts.sources import accounts, export, schema
from accounts.sources.connectors.base import AttributeDraft
from accounts.sources.shape import Shape
from tests.factories.imports import accounts_of, bring, make_source, rows

NASTY = [
    '=HYPERLINK("http://evil","x")',
    "+49 30 123",
    "-1+1",
    "@SUM(A1)",
    "'=quoted already",
    "''=twice",
    "'plain apostrophe",
    "'",
    "\t=tab",
    "\u200b=hidden",
    "＝full width",
    "a,b;c\td",
    'say "hi"',
    "two\nlines",
    "cr\rhere",
    "crlf\r\nthere",
    "#no comment",
    " blanks ",
    "ünï 日本 🎉",
    "\\N",
    "\\.",
    "NULL",
]


def exported(source: Source) -> bytes:
    return b"".join(export.accounts(source))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "config",
    [
        {},
        {"delimiter": ";"},
        {"delimiter": "\\t"},
        {"quote": "$"},
        {"comment": ""},
        {"comment": "!"},
    ],
    ids=str,
)
def test_whatever_stands_in_a_value_comes_back(config: dict[str, str]) -> None:
    source = make_source(
        header="id,name,note,groups",
        attributes=[AttributeDraft("groups", is_multi_valued=True)],
        config=config,
    )
    now = timezone.now()
    for number, text in enumerate(NASTY):
        accounts.add(
            by=SYSTEM,
            source=source,
            values={"id": f"SA-{number}", "name": f"n{number}", "note": text, "groups": NASTY},
            at=now,
        )
    for number, name in enumerate(["#1", "=1", "'x", "!1"]):
        accounts.add(by=SYSTEM, source=source, values={"id": name, "name": f"x{number}"}, at=now)
    before = accounts_of(source)
    content = exported(source)
    source.refresh_from_db()
    run = bring(source, content)
    assert (run.new, run.changed, run.missing, run.rejected) == (0, 0, 0, 0)
    assert run.unchanged == len(NASTY) + 4
    assert accounts_of(source) == before
    assert before["SA-0"]["groups"] == NASTY


@pytest.mark.django_db
def test_no_cell_of_an_export_starts_a_formula() -> None:
    source = make_source()
    bring(
        source, rows(*[f"SA-{n},n{n},{sign}cmd,x" for n, sign in enumerate(sorted(FORMULA_STARTS))])
    )
    text = exported(source).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell[:1] in FORMULA_STARTS]


@pytest.mark.django_db
def test_typed_values_come_back() -> None:
    source = make_source(
        header="id,name,n,big,on,when",
        attributes=[
            AttributeDraft("n", type="INT"),
            AttributeDraft("big", type="LONG"),
            AttributeDraft("on", type="BOOLEAN"),
            AttributeDraft("when", type="DATE"),
        ],
    )
    bring(source, "id,name,n,big,on,when\n1,a,-5,+9007199254740993,YES,2026-11-22T08:00:00+01:00\n")
    assert accounts_of(source)["1"] == {
        "id": "1",
        "name": "a",
        "n": -5,
        "big": 9007199254740993,
        "on": True,
        "when": "2026-11-22T08:00:00+01:00",
    }
    assert bring(source, exported(source)).unchanged == 1


@pytest.mark.django_db
def test_the_template_is_the_header_and_imports_as_such() -> None:
    source = make_source()
    assert b"".join(export.template(source)) == b"\xef\xbb\xbfid,name,e-mail,purpose\r\n"
    filled = b"".join(export.template(source)) + b"SA-1,audit01,a@b.c,why\r\n"
    assert bring(source, filled).new == 1


@pytest.mark.django_db
def test_an_export_of_many_accounts_comes_in_pieces() -> None:
    source = make_source()
    bring(source, rows(*[f"SA-{n:04d},n{n},{'x' * 100},{n}" for n in range(2000)]))
    pieces = list(export.accounts(source))
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 2 * export.CHUNK_CHARACTERS
    assert b"".join(pieces).count(b"\r\n") == 2001


@pytest.mark.sqlite
@given(
    st.text(alphabet=st.sampled_from(["'", "=", "+", " ", "a", "\t", "\u200b", "＝"]), max_size=6)
)
def test_the_apostrophe_that_was_put_is_the_one_that_is_taken(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


ATTRIBUTES = [
    AttributeDraft("id", is_account_id=True),
    AttributeDraft("name", is_account_name=True),
    AttributeDraft('%s "odd" {name}'),
    AttributeDraft("groups", is_multi_valued=True),
]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
KEY = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20).filter(
    lambda text: text.strip() == text and text
)


@pytest.mark.sqlite
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(KEY, KEY, TEXT, st.lists(TEXT, max_size=3, unique=True))
def test_rows_and_accounts_are_two_ways_to_say_the_same(
    native: str, name: str, note: str, groups: list[str]
) -> None:
    shape = Shape(ATTRIBUTES)
    attributes = {"id": native, "name": name, '%s "odd" {name}': note, "groups": groups}
    cells = [[safe_cell(cell) for cell in row] for row in shape.cells_of(attributes)]
    row = shape.merged(1, cells)
    again = shape.merged(1, [[safe_cell(c) for c in r] for r in shape.cells_of(json.loads(row[4]))])
    assert again == row


@pytest.mark.sqlite
@given(KEY, KEY, TEXT)
def test_the_quick_way_and_the_careful_way_agree(native: str, name: str, note: str) -> None:
    shape = Shape(ATTRIBUTES[:3])
    cells = [safe_cell(native), safe_cell(name), safe_cell(note)]
    assert shape.content(7, cells) == shape.merged(7, [cells])


@pytest.mark.django_db
def test_a_schema_goes_out_and_comes_back() -> None:
    source = make_source(
        attributes=[AttributeDraft("purpose", "What for", "INT", is_entitlement=True)]
    )
    text = schema.as_json(source)
    other = make_source("Other", header="key,title")
    schema.upload(by=SYSTEM, source=other, content=text.encode(), at=timezone.now())
    assert json.loads(schema.as_json(other)) == json.loads(text)
