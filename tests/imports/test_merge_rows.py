"""Several rows of one account become one account with several values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.imports import queries, scan, staging
from accounts.models import ImportRun, Source
from accounts.sources.connectors.base import AttributeDraft
from tests.factories.imports import accounts_of, bring, make_source, plan, rows

pytestmark = pytest.mark.django_db

HEADER = "id,name,groups,since"


def grouped(**config: object) -> Source:
    return make_source(
        header=HEADER,
        attributes=[
            AttributeDraft("groups", is_entitlement=True, is_multi_valued=True),
            AttributeDraft("since", type="DATE"),
        ],
        config=dict(config),
    )


def reasons(run: ImportRun) -> list[tuple[int, str, str]]:
    found = queries.rejected(run).order_by("line")
    return [(row.line, row.reason_code, row.column) for row in found]


def test_values_are_collected_once_each_in_order() -> None:
    source = grouped()
    run = bring(
        source,
        rows(
            "1,a,Readers,2026-01-01",
            "1,a,Writers,2026-01-01",
            "1,a,Readers,2026-01-01",
            "2,b,,",
            "3,c,Readers,",
            header=HEADER,
        ),
    )
    assert (run.scanned, run.new) == (3, 3)
    assert accounts_of(source)["1"]["groups"] == ["Readers", "Writers"]
    assert "groups" not in accounts_of(source)["2"]
    assert accounts_of(source)["3"]["groups"] == ["Readers"]


def test_other_values_must_repeat() -> None:
    run = plan(
        grouped(),
        rows("1,a,X,2026-01-01", "1,a,Y,2026-01-02", "2,b,X,", header=HEADER),
    )
    assert reasons(run) == [(2, "differs", "since"), (3, "differs", "since")]
    assert run.new == 1


@pytest.mark.parametrize(
    ("bound", "most"), [("MOST_ROWS_MERGED", 2), ("MOST_CHARACTERS_MERGED", 8)]
)
def test_an_account_of_endless_rows_is_rejected_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(scan, bound, most)
    lines = ["1,a,X,", "2,b,Q1,", "2,b,Q2,", "2,b,Q3,", "2,b,Q4,", "2,b,Q5,", "3,c,Y,", "3,c,Z,"]
    run = plan(grouped(), rows(*lines, header=HEADER))
    assert reasons(run) == [(line, "too_many", "id") for line in range(3, 8)]
    assert run.new == 2


def test_what_is_handed_over_at_a_time_is_bounded_also_where_nothing_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staging, "BATCH_ROWS", 2)
    sizes: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> Iterator[scan.Batch]:
        for batch in batches(*args, **kwargs):
            sizes.append(len(batch.rows) + len(batch.rejected))
            yield batch

    batches = scan.batches
    monkeypatch.setattr(scan, "batches", counted)
    plan(grouped(), rows(*["1,a"] * 9, header=HEADER))
    assert sum(sizes) == 9
    assert max(sizes) == 2


def test_a_bad_value_in_one_row_rejects_the_account() -> None:
    run = plan(grouped(), rows("1,a,X,soon", "1,a,Y,soon", "2,b,X,", header=HEADER))
    assert reasons(run) == [(2, "date", "since"), (3, "date", "since")]


def test_rows_of_an_account_that_are_apart_are_rejected() -> None:
    run = plan(grouped(), rows("1,a,X,", "2,b,X,", "1,a,Y,", header=HEADER))
    assert reasons(run) == [(2, "repeated", "id"), (4, "repeated", "id")]


def test_without_merging_every_row_is_an_account() -> None:
    run = plan(grouped(merge_rows=False), rows("1,a,X,", "1,a,Y,", "2,b,Z,", header=HEADER))
    assert reasons(run) == [(2, "repeated", "id"), (3, "repeated", "id")]
    assert run.new == 1


def test_the_order_of_values_counts_as_a_change_and_nothing_else_does() -> None:
    source = grouped()
    bring(source, rows("1,a,X,", "1,a,Y,", header=HEADER))
    assert bring(source, rows("1,a,X,", "1,a,Y,", header=HEADER)).unchanged == 1
    assert bring(source, rows("1,a,Y,", "1,a,X,", header=HEADER)).changed == 1
