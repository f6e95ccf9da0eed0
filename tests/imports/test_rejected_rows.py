"""Rows that cannot be taken: reported with line, column, value and reason; the others are taken."""

from __future__ import annotations

import pytest

from accounts.imports import queries
from accounts.imports.states import Change, Decision, State
from accounts.models import ImportRun
from accounts.sources.connectors.base import AttributeDraft
from tests.factories.imports import accounts_of, apply, bring, make_source, plan, rows

pytestmark = pytest.mark.django_db

GOOD = "SA-001,audit01,a@b.c,ok"


def rejected(run: ImportRun) -> list[tuple[int, str, str, str]]:
    found = queries.rejected(run).order_by("line", "id")
    return [(row.line, row.reason_code, row.column, row.value) for row in found]


@pytest.mark.parametrize(
    ("line", "reason", "column", "value"),
    [
        (",nobody,a@b.c,x", "no_id", "id", ""),
        ("   ,nobody,a@b.c,x", "no_id", "id", ""),
        ("SA-002,,a@b.c,x", "no_name", "name", ""),
        ("SA-002,bad\u202ename,a@b.c,x", "invisible", "name", "bad\u202ename"),
        ("SA\u200b-002,name,a@b.c,x", "invisible", "id", "SA\u200b-002"),
        ("SA-002,na\x07me,a@b.c,x", "invisible", "name", "na\x07me"),
        ("SA-002,name\x7f,a@b.c,x", "invisible", "name", "name\x7f"),
        (f"{'x' * 256},name,a@b.c,x", "too_long", "id", "x" * 200),
        (f"SA-002,{'x' * 256},a@b.c,x", "too_long", "name", "x" * 200),
        ("SA-002,short", "cells", "", "2"),
        ("SA-002,long,a@b.c,x,y,z", "cells", "", "6"),
    ],
)
def test_a_bad_row_is_reported_and_the_others_are_taken(
    line: str, reason: str, column: str, value: str
) -> None:
    source = make_source()
    run = plan(source, rows(GOOD, line, "SA-003,last,,"))
    assert rejected(run) == [(3, reason, column, value)]
    assert queries.rejected(run).get().reason
    apply(run)
    assert set(accounts_of(source)) == {"SA-001", "SA-003"}


@pytest.mark.parametrize(
    ("kind", "good", "stored", "bad"),
    [
        ("INT", "-2147483648", -2147483648, "2147483648"),
        ("INT", "+7", 7, "7.0"),
        ("INT", " 12 ", 12, "١٢"),
        ("LONG", "9223372036854775807", 9223372036854775807, "9223372036854775808"),
        ("LONG", "0", 0, "9" * 5000),
        ("BOOLEAN", "Yes", True, "perhaps"),
        ("BOOLEAN", "0", False, "2"),
        ("DATE", "2026-11-22", "2026-11-22", "22.11.2026"),
        ("DATE", "2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z", "2026-02-30"),
    ],
)
def test_values_are_checked_against_their_type(
    kind: str, good: str, stored: object, bad: str
) -> None:
    source = make_source(attributes=[AttributeDraft("purpose", type=kind)])
    run = bring(source, rows(f"SA-1,a,,{good}", f"SA-2,b,,{bad}", "SA-3,c,,"))
    assert rejected(run) == [(3, kind.lower(), "purpose", bad[:200])]
    assert accounts_of(source)["SA-1"]["purpose"] == stored
    assert "purpose" not in accounts_of(source)["SA-3"]


def test_all_rows_of_a_repeated_account_id_are_rejected_and_name_each_other() -> None:
    source = make_source()
    run = plan(source, rows(GOOD, "SA-002,two,,", "SA-001 ,audit01,a@b.c,other", "SA-003,c,,"))
    assert (run.scanned, run.new, run.rejected) == (4, 2, 2)
    found = queries.rejected(run).order_by("line")
    assert [(row.line, row.other_line) for row in found] == [(2, 4), (4, 2)]
    assert "See line 4." in found[0].reason


def test_ids_that_differ_in_case_or_accents_are_two_composed_ones_are_one() -> None:
    source = make_source()
    run = plan(source, rows("sa-1,a,,", "SA-1,b,,", "é,c,,", "e\u0301,d,,"))
    assert (run.new, run.rejected) == (2, 2)


def test_an_account_whose_row_is_rejected_is_not_missing() -> None:
    source = make_source(attributes=[AttributeDraft("purpose", type="INT")])
    bring(source, rows("SA-1,a,,1", "SA-2,b,,2", "SA-3,c,,3"))
    run = bring(source, rows("SA-1,a,,1", "SA-2,b,,two", "SA-3,c,,3", "SA-3,c,,4"))
    assert (run.missing, run.decision) == (0, Decision.NONE_MISSING)
    assert accounts_of(source)["SA-2"]["purpose"] == 2


def test_a_row_without_an_id_might_be_any_of_the_missing_so_the_import_is_held() -> None:
    source = make_source(threshold=50)
    bring(source, rows("SA-1,a,,", "SA-2,b,,"))
    run = plan(source, rows("SA-1,a,,", ",b,,"))
    assert (run.state, run.decision, run.missing) == (State.HELD, Decision.UNREADABLE, 1)


def test_accounts_that_share_a_name_are_told_of() -> None:
    source = make_source()
    run = plan(source, rows("SA-3,Audit01,,", "SA-1,audit01,,", "SA-2,backup,,", "SA-4,AUDIT01,,"))
    assert run.new == 4
    assert run.shared_name_count == 1
    (shared,) = run.shared_names
    assert shared["times"] == 3
    assert shared["accounts"] == ["SA-1", "SA-3", "SA-4"]


def test_in_a_merge_the_accounts_that_stay_count_too() -> None:
    source = make_source()
    bring(source, rows("SA-1,audit01,,", "SA-2,backup,,"))
    run = plan(source, rows("SA-2,audit01,,", "SA-9,new,,"), mode="merge_only")
    (shared,) = run.shared_names
    assert shared["accounts"] == ["SA-1", "SA-2"]


def test_rejected_rows_are_downloaded_mended_and_sent_again() -> None:
    source = make_source(attributes=[AttributeDraft("purpose", type="INT")])
    content = (
        "purpose,name,id,e-mail\n"
        "one,first,SA-1,=cmd()\n"
        "2,second,SA-2,'+49 1\n"
        "3,twice,SA-3,\n"
        "3,twice,SA-3,\n"
        "4,short\n"
    )
    run = bring(source, content)
    text = b"".join(queries.rejected_csv(run)).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "Rejected line,Rejected column,Rejected because,purpose,name,id,e-mail"
    assert lines[1] == (
        "2,purpose,Not a whole number from -2147483648 to 2147483647.,one,first,SA-1,'=cmd()"
    )
    assert lines[2].startswith("4,id,")
    assert lines[2].endswith(",3,twice,SA-3,")
    assert lines[4].endswith(",4,short")
    mended = [lines[0], lines[1].replace(",one,", ",1,"), lines[2], lines[4] + ",SA-4,x@y.z"]
    run = bring(source, "\n".join(mended), mode="merge_only")
    assert (run.new, run.rejected, run.ignored_columns) == (3, 0, [])
    assert accounts_of(source)["SA-1"]["e-mail"] == "=cmd()"
    assert queries.changes(run, Change.NEW).count() == 3
