"""Collections: filtered and ordered as the caller asks, a page at a time by a signed cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from pydantic import BaseModel, Field

from accounts.lib import positions
from accounts.lib.positions import Order
from tokens.doors.rest.answers import Fields, many
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import invalid

M = TypeVar("M", bound=Model)
D = TypeVar("D", bound=BaseModel)

CURSOR_SALT: Final = "steward.rest.cursor"
MOST: Final = 200
PAGE: Final = 50


class Page(BaseModel, Generic[D]):
    """Some of the objects, and where the others are."""

    items: list[D]
    next: str | None = Field(
        description="The `cursor` of the page after this one; null where this is the last."
    )


class Listing(BaseModel):
    """What every collection is asked with; inherit to add filters, and `sort` with its values."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="Objects of a page.")] = PAGE
    cursor: Annotated[
        str | None,
        Field(max_length=2000, description="`next` of the page before, with all else unchanged."),
    ] = None
    fields: Fields = None
    sort: str


Search = Annotated[
    str, Field(max_length=200, description="Only objects that hold this in their name or text.")
]


def orders(columns: Mapping[str, str], *, nullable: Sequence[str] = ()) -> dict[str, Order]:
    """What may be sorted by, by the names of this API; each with the column."""
    return {name: Order(name, column, name in nullable) for name, column in columns.items()}


def listed(
    request: Request,
    rows: QuerySet[M],
    asked: Listing,
    *,
    orders: Mapping[str, Order],
    kind: type[D],
    documents: Callable[[Sequence[M]], Sequence[D]],
) -> HttpResponse:
    """One page of the rows, as documents.

    Raises:
        Refused: the cursor is none that was handed out for this list in this order.
    """
    order, falls = orders[asked.sort.removeprefix("-")], asked.sort.startswith("-")
    salt = f"{CURSOR_SALT}.{request.operation.name}"
    found = rows
    if asked.cursor is not None:
        position = positions.read(asked.cursor, order, falls, salt=salt)
        if position is None:
            raise invalid("cursor", "This cursor is not of this list in this order. Start anew.")
        found = found.filter(positions.beyond(order, position, ascending=not falls))
    taken = list(found.order_by(*positions.ordering(order, ascending=not falls))[: asked.limit + 1])
    more, taken = len(taken) > asked.limit, taken[: asked.limit]
    cursor = positions.write(taken[-1], order, falls, salt=salt) if more else None
    return many(documents(taken), kind, cursor, asked.fields)
