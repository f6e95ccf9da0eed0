"""Every column of every table can be asked for in every way, and no question is a failure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Group
from tests.doors.servicenow.caller import Caller
from tokens.doors.servicenow.columns import Kind
from tokens.doors.servicenow.query import LISTS, Operator, parse
from tokens.doors.servicenow.tables import tables
from tokens.edge import rate

pytestmark = pytest.mark.django_db

VALUES = ["", "true", "2026-01-31 10:00:00", "0" * 32, "Ä%_'\"\\", "9999-12-31", "１"]


def conditions(name: str) -> Iterator[str]:
    for operator in Operator:
        if operator in LISTS:
            yield f"{name}{operator}{','.join(VALUES)}"
        else:
            yield from (f"{name}{operator}{value}" for value in VALUES)


@pytest.mark.parametrize("name", tables)
def test_by_every_operator(
    admin: Caller, group: Group, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "CALLS", 10_000)
    total = len(admin.table(name))
    for column, found in tables[name].columns.items():
        for asked in ("^OR".join(conditions(column)), f"ORDERBYDESC{column}"):
            rows = admin.table(name, query=asked, fields="sys_id")
            assert len(rows) == total, asked
        if found.kind is Kind.REFERENCE:
            for inner in tables[found.table].columns:
                either = f"{column}.{inner}ISEMPTY^OR{column}.{inner}ISNOTEMPTY"
                some = admin.table(name, query=either, fields=f"{column}.{inner}")
                assert len(some) <= total
        empty = {r["sys_id"] for r in admin.table(name, query=f"{column}ISEMPTY")}
        full = {r["sys_id"] for r in admin.table(name, query=f"{column}ISNOTEMPTY")}
        assert not empty & full, column
        assert len(empty | full) == total, column


PIECES = st.sampled_from(
    [
        *(operator.value for operator in Operator),
        *("^", "^OR", "^NQ", "ORDERBY", "ORDERBYDESC", "EQ", ".", ",", "^^", " ", "'", "%", "\\"),
        *("user", "user_name", "group", "name", "manager", "active", "sys_id", "sys_created_on"),
        *("role", "true", "0" * 32, "2026-01-01", "javascript:gs.now()", "İ", "\u202e", "\ud7ff"),
    ]
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    text=st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40),
    name=st.sampled_from(["sys_user", "sys_user_grmember", "sys_user_has_role"]),
)
def test_whatever_is_asked_is_answered(
    admin: Caller, group: Group, text: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "CALLS", 10_000)
    answer = admin.get(
        f"/api/now/table/{name}", sysparm_query=text.encode("utf-8", "replace").decode()
    )
    assert answer.status_code in (200, 400), text


@given(st.text(max_size=200) | st.lists(PIECES, max_size=30).map("".join))
def test_taking_a_query_apart_either_answers_or_refuses(text: str) -> None:
    if not any(part.startswith(("JOIN", "RLQUERY")) for part in text.split("^")):
        assert len(parse(text).order) <= 5
