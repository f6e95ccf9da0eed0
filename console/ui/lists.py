"""Lists: search, filters and order in the URL, and pages by key, never by offset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.lib import positions
from accounts.lib.positions import Order as Order

PAGE_SIZE = 50
COUNT_CAP = 1_000
"""Rows counted at most; beyond it a list says "more than"."""
CURSOR_SALT = "steward.lists.cursor"

M = TypeVar("M", bound=Model)


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
    position = positions.read(text, order, descending, salt=CURSOR_SALT)
    backwards = backwards and position is not None
    toward_end = descending == backwards  # ascending in the direction that we walk
    found = rows
    if position is not None:
        found = found.filter(positions.beyond(order, position, ascending=toward_end))
    taken = list(found.order_by(*positions.ordering(order, ascending=toward_end))[: size + 1])
    more, taken = len(taken) > size, taken[:size]
    if backwards:
        taken.reverse()
    has_next = more if not backwards else bool(taken)
    has_previous = more if backwards else position is not None

    def cursor(row: M) -> str:
        return positions.write(row, order, descending, salt=CURSOR_SALT)

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
