"""Lists: search, filters and order in the URL, and pages by key, never by offset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

PAGE_SIZE = 50
COUNT_CAP = 1_000
"""Rows counted at most; beyond it a list says "more than"."""
CURSOR_SALT = "steward.lists.cursor"

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Order:
    """A column that a list may be ordered by: one field, with the primary key as tie-breaker."""

    name: str
    field: str
    nullable: bool = False


@dataclass(frozen=True)
class Page(Generic[M]):
    """The rows of one page, and the addresses of its neighbours ("" where there is none)."""

    rows: list[M]
    previous_url: str
    next_url: str
    summary: str
    order: str
    descending: bool


def address(request: HttpRequest, /, **changes: str) -> str:
    """This page's address with some parameters changed; an empty value removes one."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path


def sort_url(request: HttpRequest, name: str, current: str, descending: bool) -> str:
    """Where the heading of a column leads: its order, or the reverse when it is in force."""
    wanted = f"-{name}" if name == current and not descending else name
    return address(request, sort=wanted, after="", before="")


def chosen_order(request: HttpRequest, orders: Sequence[Order], default: str) -> tuple[Order, bool]:
    """The order in the URL; anything unknown is the default (`-` in front for descending)."""
    by_name = {order.name: order for order in orders}
    text = request.GET.get("sort", "")
    if text.lstrip("-") not in by_name:
        text = default
    return by_name[text.lstrip("-")], text.startswith("-")


def paginate(
    request: HttpRequest,
    rows: QuerySet[M],
    *,
    orders: Sequence[Order],
    default: str,
    size: int = PAGE_SIZE,
) -> Page[M]:
    """One page of `rows`, after or before the signed position in the URL.

    A forged or stale position is ignored: the first page comes.
    """
    order, descending = chosen_order(request, orders, default)
    text, backwards = request.GET.get("after", ""), False
    if request.GET.get("before"):
        text, backwards = request.GET["before"], True
    position = _read_cursor(text, order, descending)
    backwards = backwards and position is not None
    toward_end = descending == backwards  # ascending in the direction that we walk
    found = rows
    if position is not None:
        found = found.filter(_beyond(order, position, ascending=toward_end))
    taken = list(found.order_by(*_ordering(order, ascending=toward_end))[: size + 1])
    more, taken = len(taken) > size, taken[:size]
    if backwards:
        taken.reverse()
    has_next = more if not backwards else bool(taken)
    has_previous = more if backwards else position is not None
    cursor = _cursor_of(order, descending)
    return Page(
        rows=taken,
        previous_url=address(request, before=cursor(taken[0]), after="")
        if taken and has_previous
        else "",
        next_url=address(request, after=cursor(taken[-1]), before="") if taken and has_next else "",
        summary=_summary(rows, len(taken), first=not has_previous, last=not has_next),
        order=order.name,
        descending=descending,
    )


def _summary(rows: QuerySet[M], shown: int, *, first: bool, last: bool) -> str:
    if first and last:
        return _("%(shown)d in all") % {"shown": shown}
    counted = rows.order_by()[: COUNT_CAP + 1].count()
    if counted > COUNT_CAP:
        return _("%(shown)d of more than %(cap)s") % {"shown": shown, "cap": f"{COUNT_CAP:,}"}
    return _("%(shown)d of %(all)s") % {"shown": shown, "all": f"{counted:,}"}


def _ordering(order: Order, *, ascending: bool) -> list[Any]:
    expression = F(order.field)
    if ascending:
        return [expression.asc(nulls_last=True) if order.nullable else expression.asc(), "pk"]
    return [expression.desc(nulls_first=True) if order.nullable else expression.desc(), "-pk"]


def _beyond(order: Order, position: tuple[Any, str], *, ascending: bool) -> Q:
    """Rows past a position; where the field may be null, nulls come last (first if reversed)."""
    value, key = position
    side = "gt" if ascending else "lt"
    tie = Q(**{f"{order.field}": value, f"pk__{side}": key})
    if value is None:
        same = Q(**{f"{order.field}__isnull": True, f"pk__{side}": key})
        return same if ascending else same | Q(**{f"{order.field}__isnull": False})
    past = Q(**{f"{order.field}__{side}": value}) | tie
    if order.nullable and ascending:
        return past | Q(**{f"{order.field}__isnull": True})
    # says nothing new, but lets the database enter its index at the position
    return past & Q(**{f"{order.field}__{side}e": value})


def _cursor_of(order: Order, descending: bool) -> Callable[[M], str]:
    def cursor(row: M) -> str:
        value: Any = row
        for part in order.field.split("__"):
            value = getattr(value, part, None)
        kind = "t" if isinstance(value, datetime) else "v"
        plain = value.isoformat() if isinstance(value, datetime) else value
        parts = [order.name, descending, kind, plain, str(row.pk)]
        return signing.dumps(parts, salt=CURSOR_SALT, compress=True)

    return cursor


def _read_cursor(text: str, order: Order, descending: bool) -> tuple[Any, str] | None:
    if not text:
        return None
    try:
        name, was_descending, kind, value, key = signing.loads(text, salt=CURSOR_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if name != order.name or was_descending != descending:
        return None
    return (datetime.fromisoformat(value) if kind == "t" else value), key
