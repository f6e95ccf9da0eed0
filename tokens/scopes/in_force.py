"""The catalogue that holds in this tenant: what Steward ships with, and the tenant's own APIs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from tokens.apis.models import ApiScope
from tokens.scopes.catalogue import Catalogue, Publisher, Scope, Section
from tokens.scopes.files import installed

logger: Final = logging.getLogger(__name__)

OWN: Final = "own:"
"""How the keys of the tenant's own publishers begin; the id of the API follows."""


class _Row(NamedTuple):
    """What the catalogue needs of a scope and its API."""

    api_id: str
    title: str
    audience: str
    introduction: str
    name: str
    purpose: str
    parent: str | None
    restricted: bool


def catalogue() -> Catalogue:
    """All scopes that there are in this tenant, by one statement."""
    rows = ApiScope.objects.order_by("api__name_key", "api_id", "name").values_list(
        "api_id",
        "api__name",
        "api__audience",
        "api__description",
        "name",
        "description",
        "parent__name",
        "restricted",
    )
    return _extended(tuple(_Row(str(row[0]), *row[1:]) for row in rows))


def for_names(names: Iterable[str]) -> Catalogue:
    """A catalogue that judges these names as `catalogue` does: the database is asked only where
    one of them is not shipped with."""
    shipped = installed()
    return shipped if all(name in shipped for name in names) else catalogue()


@lru_cache(maxsize=4)
def _extended(rows: tuple[_Row, ...]) -> Catalogue:
    shipped = installed()
    taken = {row.name for row in rows if row.name in shipped}
    if taken:
        # nobody can add such a name; a later version of a catalogue may have brought it
        logger.error("Scopes of this tenant are now in a catalogue", extra={"scopes": taken})
    own = [row for row in rows if row.name not in taken]
    sections = [
        _section(list(group), taken) for _api, group in groupby(own, lambda row: row.api_id)
    ]
    return shipped.with_sections(sections) if sections else shipped


def _section(rows: list[_Row], taken: set[str]) -> Section:
    first = rows[0]
    publisher = Publisher(
        key=OWN + first.api_id,
        title=first.title,
        introduction=first.introduction,
        audience=first.audience,
    )
    scopes = tuple(
        Scope(
            name=row.name,
            purpose=row.purpose,
            parent=None if row.parent in taken else row.parent,
            by_administrators=row.restricted,
        )
        for row in rows
    )
    return Section(first.title, "", scopes, publisher)
