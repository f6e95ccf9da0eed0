"""Where sealed values stand. What is sealed anywhere is found here, or it cannot be sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.db import connection, models
from django.db.models import Count
from django.utils.functional import Promise

from accounts.lib.registry import Registry
from accounts.sealing.sealed import Sealed


@dataclass(frozen=True)
class Found:
    """A sealed value, and the context that it is bound to."""

    pk: Any
    context: str
    sealed: Sealed


class Place(Protocol):
    """One kind of sealed value. It is registered under the first part of its context."""

    @property
    def label(self) -> str | Promise: ...

    @property
    def table(self) -> str: ...

    def counts(self) -> dict[str, int]:
        """How many values there are by the id of the key that wraps them."""
        ...

    def find(self, key_id: str, *, after: Any, limit: int) -> Sequence[Found]:
        """Values wrapped by that key in the order of their row, behind the row `after`."""
        ...

    def swap(self, pairs: Iterable[tuple[Found, Sealed]]) -> int:
        """Put the second in place of each first that stands there still; how many did.

        Whoever changed a value meanwhile wins: their value stays.
        """
        ...


places: Final[Registry[Place]] = Registry("place of sealed values")


@dataclass(frozen=True)
class Columns:
    """Values that stand in two columns of a table: the id of the key, and the sealed bytes."""

    label: str | Promise
    model: type[models.Model]
    context: Callable[[Any], str]
    key: str = "key_id"
    blob: str = "blob"

    @property
    def table(self) -> str:
        return self.model._meta.db_table  # noqa: SLF001  public, whatever it is called

    def counts(self) -> dict[str, int]:
        rows = self._rows().values_list(self.key).annotate(n=Count("pk")).order_by()
        return dict(rows)

    def find(self, key_id: str, *, after: Any, limit: int) -> Sequence[Found]:
        rows = self._rows().filter(**{self.key: key_id}).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        return [
            Found(row.pk, self.context(row), Sealed(key_id, bytes(getattr(row, self.blob))))
            for row in rows[:limit]
        ]

    def _rows(self) -> models.QuerySet[Any]:
        # whatever its usual manager hides
        rows: models.QuerySet[Any] = self.model._base_manager.all()  # noqa: SLF001
        return rows

    def swap(self, pairs: Iterable[tuple[Found, Sealed]]) -> int:
        """By one prepared statement: an update a row through the ORM takes ten times as long."""
        quote = connection.ops.quote_name
        meta = self.model._meta  # noqa: SLF001  public, whatever it is called
        fields = [meta.get_field(self.key), meta.get_field(self.blob)]
        fields = [*fields, meta.pk, *fields]
        key, blob, pk, *_again = (quote(str(field.column)) for field in fields)  # type: ignore[union-attr]
        statement = (
            f"UPDATE {quote(self.table)} SET {key} = %s, {blob} = %s"  # noqa: S608  names of ours
            f" WHERE {pk} = %s AND {key} = %s AND {blob} = %s"
        )
        values = [
            [
                field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
                for field, value in zip(fields, _values(found, new), strict=True)
            ]
            for found, new in pairs
        ]
        if not values:
            return 0
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)
            return int(cursor.rowcount)


def _values(found: Found, new: Sealed) -> tuple[Any, ...]:
    return new.key_id, new.blob, found.pk, found.sealed.key_id, found.sealed.blob
