from __future__ import annotations

from typing import Any

import pytest
from django.core import signing
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tokens.doors.ping.crest.errors import BadQuery
from tokens.doors.ping.crest.filter import Literal
from tokens.doors.ping.crest.page import (
    COOKIE_SALT,
    ListQuery,
    SortKey,
    TotalPolicy,
    envelope,
    next_cookie,
    parse_list,
    parse_read,
)

pytestmark = pytest.mark.sqlite

ALL = "_queryFilter=true"
USER = {
    "_id": "1",
    "_rev": "7",
    "userName": "ada",
    "manager": {"_id": "2", "mail": "o@example.com"},
}


def _list(query: str, collection: str = "alpha_user") -> ListQuery:
    return parse_list(QueryDict(query), collection=collection)


def _fields(query: str) -> dict[str, Any]:
    return parse_read(QueryDict(query)).fields.of(USER)


def test_without_more_a_list_is_whole_and_counts_nothing() -> None:
    query = _list(ALL)
    assert (query.filter, query.page_size, query.offset) == (Literal(value=True), 0, 0)
    assert (query.after, query.total_policy, query.pretty) == (None, TotalPolicy.NONE, False)
    assert query.fields.of(USER) == USER


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", "A list needs _queryFilter or _queryId; _queryFilter=true lists all"),
        ("_queryFilter=true&_queryId=query-all", "Use either _queryFilter or _queryId, not both"),
        ("_queryId=for-userName", "There is no query with this id"),
        ("_queryExpression=select+1", "_queryExpression is not supported"),
        ("_queryFilter=a+xx+1", "An operator is expected"),
        (f"{ALL}&{ALL}", "Give _queryFilter once only"),
        (f"{ALL}&_pageSize=-1", "_pageSize must be a whole number from 0 to 10000"),
        (f"{ALL}&_pageSize=10001", "_pageSize must be"),
        (f"{ALL}&_pageSize=1e3", "_pageSize must be"),
        (f"{ALL}&_pageSize=%D9%A1", "_pageSize must be"),
        (f"{ALL}&_pageSize={'9' * 5000}", "_pageSize must be"),
        (f"{ALL}&_pageSize=5&_pageSize=6", "Give _pageSize once only"),
        (f"{ALL}&_pagedResultsOffset=2", "_pagedResultsOffset needs a _pageSize above 0"),
        (f"{ALL}&_pagedResultsCookie=x", "_pagedResultsCookie needs a _pageSize above 0"),
        (
            f"{ALL}&_pageSize=5&_pagedResultsCookie=x&_pagedResultsOffset=0",
            "Use either _pagedResultsCookie or _pagedResultsOffset, not both",
        ),
        (f"{ALL}&_totalPagedResultsPolicy=SOME", "must be NONE, ESTIMATE or EXACT"),
        (f"{ALL}&_prettyPrint=yes", "_prettyPrint must be true or false"),
        (f"{ALL}&_sortKeys=a,,b", "A field name is empty"),
        (f"{ALL}&_sortKeys=a,b,c,d,e,f,g,h,i", "Sort by at most 8 fields"),
        (f"{ALL}&_fields={','.join(map(str, range(101)))}", "Ask for at most 100 fields"),
        (f"{ALL}&_fields=a//b", "A field name is empty"),
        (f"{ALL}&_fields={'a' * 300}", "A field name is too long"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_refused_by_name(query: str, refusal: str) -> None:
    with pytest.raises(BadQuery) as error:
        _list(query)
    assert refusal in error.value.message
    assert error.value.field


def test_all_can_be_asked_for_by_query_id() -> None:
    assert _list("_queryId=query-all").fields.of(USER) == USER
    assert _list("_queryId=query-all-ids").fields.of(USER) == {"_id": "1", "_rev": "7"}


@pytest.mark.parametrize("query", ["", "_fields=", "_fields=*", "_fields=userName,*"])
def test_blank_fields_and_a_star_mean_all(query: str) -> None:
    assert _fields(query) == USER


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("_fields=userName", {"userName": "ada"}),
        ("_fields=/userName, nothing", {"userName": "ada"}),
        ("_fields=manager/mail", {"manager": {"mail": "o@example.com"}}),
        ("_fields=manager/mail,manager", {"manager": USER["manager"]}),
        ("_fields=manager,manager/mail", {"manager": USER["manager"]}),
        ("_fields=userName/x,manager/x/y", {"manager": {}}),
    ],
)
def test_chosen_fields_come_with_id_and_revision(query: str, more: dict[str, Any]) -> None:
    assert _fields(query) == {"_id": "1", "_rev": "7", **more}


def test_choosing_fields_leaves_the_object_alone() -> None:
    _fields("_fields=manager,manager/mail,manager/nothing")
    assert USER["manager"] == {"_id": "2", "mail": "o@example.com"}


def test_sort_keys_run_up_or_down_and_a_lost_plus_means_up() -> None:
    query = _list(f"{ALL}&_sortKeys=-userName,%2Bname/first,+mail")
    assert query.sort_keys == (
        SortKey(("userName",), descending=True),
        SortKey(("name", "first")),
        SortKey(("mail",)),
    )


def test_a_cookie_leads_to_the_place_where_the_page_ended() -> None:
    query = _list(f"{ALL}&_pageSize=2&_sortKeys=userName")
    cookie = next_cookie(query, ["ada", None, "0440291a"])
    again = QueryDict(mutable=True)
    again.update({"_pagedResultsCookie": cookie, "_pageSize": "5"})
    again.update({"_queryFilter": " ( true ) ", "_sortKeys": "userName"})
    assert parse_list(again, collection="alpha_user").after == ("ada", None, "0440291a")


@pytest.mark.parametrize(
    ("query", "collection"),
    [
        ("_queryFilter=false&_sortKeys=userName", "alpha_user"),
        (f"{ALL}&_sortKeys=-userName", "alpha_user"),
        (ALL, "alpha_user"),
        (f"{ALL}&_sortKeys=userName", "svcacct"),
    ],
)
def test_a_cookie_of_another_query_is_refused(query: str, collection: str) -> None:
    cookie = next_cookie(_list(f"{ALL}&_sortKeys=userName"), ["ada"])
    with pytest.raises(BadQuery, match="not one of this query"):
        _list(f"{query}&_pageSize=2&_pagedResultsCookie={cookie}", collection)


@given(st.integers(0, 60), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_cookie_is_refused(place: int, character: str) -> None:
    cookie = next_cookie(_list(ALL), ["ada"])
    forged = cookie[:place] + character + cookie[place + 1 :]
    if forged == cookie:
        return
    with pytest.raises(BadQuery, match="not one of this query"):
        _list(f"{ALL}&_pageSize=2&_pagedResultsCookie={forged}")


@pytest.mark.parametrize("cookie", ["x", "x" * 9000, "%00", ":::", ".eJw:1:2"])
def test_what_was_never_a_cookie_is_refused(cookie: str) -> None:
    with pytest.raises(BadQuery, match="not one of this query"):
        _list(f"{ALL}&_pageSize=2&_pagedResultsCookie={cookie}")


def test_a_text_signed_for_something_else_is_no_cookie() -> None:
    assert signing.dumps(["x", []], salt=COOKIE_SALT)
    foreign = signing.dumps([_list(ALL).binding, ["ada"]], salt="another")
    with pytest.raises(BadQuery, match="not one of this query"):
        _list(f"{ALL}&_pageSize=2&_pagedResultsCookie={foreign}")


def test_the_envelope_is_the_one_that_clients_know() -> None:
    body = envelope([USER], _list(f"{ALL}&_fields=userName&_pageSize=1"), cookie="c")
    assert body == {
        "result": [{"_id": "1", "_rev": "7", "userName": "ada"}],
        "resultCount": 1,
        "pagedResultsCookie": "c",
        "totalPagedResultsPolicy": "NONE",
        "totalPagedResults": -1,
        "remainingPagedResults": -1,
    }


def test_the_total_is_told_where_it_is_asked_for_also_without_pages() -> None:
    body = envelope([], _list(f"{ALL}&_pageSize=0&_totalPagedResultsPolicy=exact"), total=0)
    assert (body["totalPagedResultsPolicy"], body["totalPagedResults"]) == ("EXACT", 0)
    assert envelope([], _list(ALL), total=5)["totalPagedResults"] == -1
