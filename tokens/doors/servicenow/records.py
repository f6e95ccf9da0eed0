"""The Table API: records read, made, changed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any, Final

from django.http import HttpResponse, QueryDict

from tokens.access_tokens.claims import issuer
from tokens.doors.servicenow import conditions, memory, query
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.documents import Form, address, document, documents
from tokens.doors.servicenow.errors import (
    NO_RECORD,
    NO_RECORD_DETAIL,
    Refused,
    done,
    forbidden,
    not_found,
    problem,
    result,
)
from tokens.doors.servicenow.query import Query
from tokens.doors.servicenow.table import Sent, Table
from tokens.doors.servicenow.tables import tables

MOST: Final = 10_000
"""Rows of one answer, and how many there are where nobody says: the vendor's number."""
FARTHEST: Final = 2**31
FIRST_VERSION: Final = "v1"
LONGEST_VALUE: Final = 10_000


def table_of(name: str) -> Table:
    """Raises Refused: there is none of this name here."""
    if name not in tables:
        raise Refused(f"Invalid table {name[:80]}")
    return tables[name]


def list_(call: Call, table: str, version: str = "") -> HttpResponse:
    found = table_of(table)
    asked = query.parse(call.query.get("sysparm_query", ""))
    page = _Page(call.query)
    rows, total = _rows(call, found, asked, page)
    if total == 0 and version == FIRST_VERSION:
        return problem(HTTPStatus.NOT_FOUND, NO_RECORD, detail=NO_RECORD_DETAIL)
    response = result(documents(call, found, rows, Form.of(call.query)))
    if page.counts:
        response["X-Total-Count"] = str(total)
    if page.links and (links := page.others(call, total)):
        response["Link"] = links
    return response


def get(call: Call, table: str, sys_id: str, version: str = "") -> HttpResponse:
    del version
    found = table_of(table)
    row = one(call, found, sys_id)
    return result(document(call, found, row, Form.of(call.query)))


def create(call: Call, table: str, version: str = "") -> HttpResponse:
    found = table_of(table)
    if found.insert is None:
        raise _read_only(found)
    row = one(call, found, found.ids.sys_id(found.insert(call, sent(call, found)).pk))
    response = result(document(call, found, row, Form.of(call.query)), HTTPStatus.CREATED)
    where = address(found.name, found.ids.sys_id(row.pk))
    response["Location"] = where.replace("/now/", f"/now/{version}/", 1) if version else where
    return response


def update(call: Call, table: str, sys_id: str, version: str = "") -> HttpResponse:
    del version
    found = table_of(table)
    row = one(call, found, sys_id)
    if found.update is None:
        raise _read_only(found)
    found.update(call, row, sent(call, found))
    row = one(call, found, sys_id)
    return result(document(call, found, row, Form.of(call.query)))


def delete(call: Call, table: str, sys_id: str, version: str = "") -> HttpResponse:
    del version
    found = table_of(table)
    row = one(call, found, sys_id)
    if found.delete is None:
        raise _read_only(found)
    found.delete(call, row)
    return done()


def one(call: Call, table: Table, sys_id: str) -> Any:
    """The record of an id, as far as the caller may read it.

    Raises:
        Refused: there is none.
    """
    pk = table.ids.pk(sys_id)
    if pk is None:
        raise not_found()
    if table.computed is not None:
        near = table.near(call, pk) if table.near is not None else Query()
        rows = table.computed(call, near) if near is not None else ()
        found = next((row for row in rows if row.pk == pk), None)
    else:
        found = table.readable(call).select_related(*table.related).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def sent(call: Call, table: Table) -> Sent:
    """The fields of the body as text; those that the table does not have are left out.

    Raises:
        Refused: one is no single value, or too long.
    """
    found = {}
    for name, given in call.body.items():
        value = given.get("value", "") if isinstance(given, dict) else given
        if isinstance(value, list | dict) or len(str(value)) > LONGEST_VALUE:
            raise Refused(f"{name[:60]} must be a text.")
        text = "" if value is None else str(value)
        if name in table.columns:
            found[name] = text.lower() if isinstance(value, bool) else text
    return found


def _read_only(table: Table) -> Refused:
    said = f"ACL Exception: {table.name} is not written here."
    return forbidden(f"{said} {table.instead}".strip())


def _rows(call: Call, table: Table, asked: Query, page: _Page) -> tuple[Sequence[Any], int]:
    """Those of the page, and how many there are in all."""
    if table.computed is not None:
        found = memory.narrowed(call, table, asked)
        return list(islice(found, page.offset, page.offset + page.limit)), len(found)
    rows = conditions.narrowed(call, table, asked)
    here = list(rows.select_related(*table.related)[page.offset : page.offset + page.limit])
    if page.offset == 0 and len(here) < page.limit:
        return here, len(here)
    return here, rows.count()


class _Page:
    """Which part of the rows is asked for; what cannot be read is as if it were not said."""

    def __init__(self, asked: QueryDict) -> None:
        self.limit = _number(asked, "sysparm_limit", MOST, most=MOST)
        self.offset = _number(asked, "sysparm_offset", 0, most=FARTHEST)
        self.counts = asked.get("sysparm_no_count", "").lower() != "true"
        suppressed = asked.get("sysparm_suppress_pagination_header", "").lower()
        self.links = suppressed != "true"

    def others(self, call: Call, total: int) -> str:
        """Where the other parts are (RFC 8288)."""
        if not self.limit or total <= self.limit:
            return ""
        last = (total - 1) // self.limit * self.limit
        places = {"first": 0}
        if self.offset > 0:
            places["prev"] = max(0, self.offset - self.limit)
        if self.offset + self.limit < total:
            places["next"] = self.offset + self.limit
        places["last"] = last
        return ",".join(f'<{_at(call, place)}>;rel="{rel}"' for rel, place in places.items())


def _at(call: Call, offset: int) -> str:
    asked = call.query.copy()
    asked["sysparm_offset"] = str(offset)
    return f"{issuer()}{call.path}?{asked.urlencode()}"


def _number(asked: QueryDict, name: str, default: int, *, most: int) -> int:
    text = asked.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        return default
    return min(int(text), most)
