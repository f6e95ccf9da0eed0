"""The query parameters of a list or a read, and the envelope of a page of results."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from django.core import signing
from django.utils.translation import gettext as _

from tokens.doors.ping.crest.errors import BadQuery
from tokens.doors.ping.crest.filter import Filter, Literal, parse_filter
from tokens.doors.ping.crest.pointer import Pointer, parse_pointer

MAX_PAGE_SIZE: Final = 10_000
"""Results in one answer; clients ask for 1000."""

MAX_OFFSET: Final = 2**31 - 1
MAX_FIELDS: Final = 100
MAX_SORT_KEYS: Final = 8
MAX_COOKIE: Final = 8192
"""Characters."""

COOKIE_SALT: Final = "steward.crest.page"

ALWAYS: Final = ("_id", "_rev")
"""They come back whatever fields are asked for."""

ALL_IDS: Final = "query-all-ids"
ALL: Final = "query-all"

CookieValue = str | int | float | bool | None


class Parameters(Protocol):
    """Enough of Django's QueryDict."""

    def getlist(self, key: str) -> list[str]: ...


class TotalPolicy(StrEnum):
    """Whether the answer counts all matches."""

    NONE = "NONE"
    ESTIMATE = "ESTIMATE"
    EXACT = "EXACT"


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of an object come back; no pointers means all of them."""

    pointers: tuple[Pointer, ...] = ()

    def of(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with these fields only; what it does not hold is left out."""
        if not self.pointers:
            return dict(document)
        chosen: dict[str, Any] = {name: document[name] for name in ALWAYS if name in document}
        for pointer in self.pointers:
            _copy(document, chosen, pointer)
        return chosen


@dataclass(frozen=True, slots=True)
class SortKey:
    pointer: Pointer
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """The parameters of reading one object."""

    fields: Fields
    pretty: bool


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The parameters of reading a list, checked against each other."""

    filter: Filter
    fields: Fields
    sort_keys: tuple[SortKey, ...]
    page_size: int
    """0 means that the list is not cut into pages."""
    offset: int
    after: tuple[CookieValue, ...] | None
    """The sort values of the last object of the page before, as `next_cookie` was given them."""
    total_policy: TotalPolicy
    pretty: bool
    binding: str
    """What a cookie of this list belongs to."""


def parse_read(parameters: Parameters) -> ReadQuery:
    """Raises:
    BadQuery: a parameter is malformed or given twice.
    """
    return ReadQuery(_fields(parameters), _flag(parameters, "_prettyPrint"))


def parse_list(parameters: Parameters, *, collection: str) -> ListQuery:
    """Read the parameters of a list; those that are not known are ignored.

    `collection` names what is listed (and, where answers differ by caller, for whom): a cookie
    of one collection, filter and order is refused with any other.

    Raises:
        BadQuery: a parameter is malformed, given twice, or does not go with another.
    """
    query, ids_only = _filter(parameters)
    sort_keys = _sort_keys(parameters)
    page_size = _number(parameters, "_pageSize", MAX_PAGE_SIZE)
    offset = _number(parameters, "_pagedResultsOffset", MAX_OFFSET)
    binding = _binding(collection, query, sort_keys)
    cookie = _one(parameters, "_pagedResultsCookie")
    if (cookie or offset) and not page_size:
        name = "_pagedResultsCookie" if cookie else "_pagedResultsOffset"
        message = _("%(name)s needs a _pageSize above 0")
        raise BadQuery(message % {"name": name}, field=name)
    if cookie and _one(parameters, "_pagedResultsOffset") is not None:
        message = _("Use either _pagedResultsCookie or _pagedResultsOffset, not both")
        raise BadQuery(message, field="_pagedResultsOffset")
    return ListQuery(
        filter=query,
        fields=Fields((("_id",),)) if ids_only else _fields(parameters),
        sort_keys=sort_keys,
        page_size=page_size,
        offset=offset,
        after=_open_cookie(cookie, binding) if cookie else None,
        total_policy=_total_policy(parameters),
        pretty=_flag(parameters, "_prettyPrint"),
        binding=binding,
    )


def next_cookie(query: ListQuery, last: Sequence[CookieValue]) -> str:
    """The cookie for the page after the object with these sort values; signed and opaque."""
    return signing.dumps([query.binding, list(last)], salt=COOKIE_SALT, compress=True)


def envelope(
    results: Sequence[Mapping[str, Any]],
    query: ListQuery,
    *,
    cookie: str | None = None,
    total: int | None = None,
) -> dict[str, Any]:
    """The body of a list. `total` counts all matches, or is None where nobody asked."""
    counted = total is not None and query.total_policy is not TotalPolicy.NONE
    return {
        "result": [query.fields.of(result) for result in results],
        "resultCount": len(results),
        "pagedResultsCookie": cookie,
        "totalPagedResultsPolicy": str(query.total_policy) if counted else "NONE",
        "totalPagedResults": total if counted else -1,
        "remainingPagedResults": -1,
    }


def _one(parameters: Parameters, name: str) -> str | None:
    values = parameters.getlist(name)
    if len(values) > 1:
        message = _("Give %(name)s once only")
        raise BadQuery(message % {"name": name}, field=name)
    return values[0] if values else None


def _filter(parameters: Parameters) -> tuple[Filter, bool]:
    """The filter, and whether only ids are wanted."""
    text, query_id = _one(parameters, "_queryFilter"), _one(parameters, "_queryId")
    if _one(parameters, "_queryExpression") is not None:
        raise BadQuery(_("_queryExpression is not supported"), field="_queryExpression")
    if text is not None and query_id is not None:
        raise BadQuery(_("Use either _queryFilter or _queryId, not both"), field="_queryId")
    if text is not None:
        return parse_filter(text), False
    if query_id is None:
        message = _("A list needs _queryFilter or _queryId; _queryFilter=true lists all")
        raise BadQuery(message, field="_queryFilter")
    if query_id not in (ALL, ALL_IDS):
        message = _("There is no query with this id; use query-all, query-all-ids or _queryFilter")
        raise BadQuery(message, field="_queryId")
    return Literal(value=True), query_id == ALL_IDS


def _fields(parameters: Parameters) -> Fields:
    """Blank and `*` mean all; the vendor's own client sends the blank one."""
    names = [name.strip() for name in (_one(parameters, "_fields") or "").split(",")]
    names = [name for name in names if name]
    if len(names) > MAX_FIELDS:
        message = _("Ask for at most %(most)d fields")
        raise BadQuery(message % {"most": MAX_FIELDS}, field="_fields")
    if "*" in names:
        return Fields()
    return Fields(tuple(parse_pointer(name, field="_fields") for name in dict.fromkeys(names)))


def _sort_keys(parameters: Parameters) -> tuple[SortKey, ...]:
    text = _one(parameters, "_sortKeys")
    if not text:
        return ()
    names = text.split(",")
    if len(names) > MAX_SORT_KEYS:
        message = _("Sort by at most %(most)d fields")
        raise BadQuery(message % {"most": MAX_SORT_KEYS}, field="_sortKeys")
    return tuple(_sort_key(name) for name in names)


def _sort_key(text: str) -> SortKey:
    """A plus that was not written as %2B arrives as a space and means the same."""
    bare = text.lstrip(" ").removeprefix("+").rstrip(" ")
    descending = bare.startswith("-")
    return SortKey(parse_pointer(bare.removeprefix("-"), field="_sortKeys"), descending)


def _number(parameters: Parameters, name: str, most: int) -> int:
    text = _one(parameters, name) or "0"
    if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most:
        return int(text)
    message = _("%(name)s must be a whole number from 0 to %(most)d")
    raise BadQuery(message % {"name": name, "most": most}, field=name)


def _flag(parameters: Parameters, name: str) -> bool:
    text = (_one(parameters, name) or "false").lower()
    if text not in ("true", "false"):
        message = _("%(name)s must be true or false")
        raise BadQuery(message % {"name": name}, field=name)
    return text == "true"


def _total_policy(parameters: Parameters) -> TotalPolicy:
    name = "_totalPagedResultsPolicy"
    try:
        return TotalPolicy((_one(parameters, name) or "NONE").upper())
    except ValueError:
        message = _("%(name)s must be NONE, ESTIMATE or EXACT")
        raise BadQuery(message % {"name": name}, field=name) from None


def _binding(collection: str, query: Filter, sort_keys: tuple[SortKey, ...]) -> str:
    """A short name of collection, filter and order; the tree, so that spacing does not count."""
    text = json.dumps([collection, repr(query), repr(sort_keys)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _open_cookie(cookie: str, binding: str) -> tuple[CookieValue, ...]:
    message = _("The _pagedResultsCookie is not one of this query; start again without it")
    if len(cookie) > MAX_COOKIE:
        raise BadQuery(message, field="_pagedResultsCookie")
    try:
        bound_to, last = signing.loads(cookie, salt=COOKIE_SALT)
    except signing.BadSignature:
        raise BadQuery(message, field="_pagedResultsCookie") from None
    if bound_to != binding:
        raise BadQuery(message, field="_pagedResultsCookie")
    return tuple(last)


def _copy(source: Mapping[str, Any], target: dict[str, Any], pointer: Pointer) -> None:
    """Copy one value and the objects around it; a list is copied whole."""
    for name in pointer[:-1]:
        inner = source.get(name)
        if not isinstance(inner, Mapping):
            return
        kept = target.get(name)
        if kept is inner:  # asked for as a whole before
            return
        source, target = inner, target.setdefault(name, {})
    if pointer[-1] in source:
        target[pointer[-1]] = source[pointer[-1]]
