"""The operations that this door serves, and who may call each: read from one data file.

A call passes where the token carries any one of the operation's scopes, and its holder any one of
its user levels. What it may do then, the actions of the domain ask once more, as of any person.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from accounts.authorization.levels import LEVELS

FILE: Final = Path(__file__).parent / "data" / "operations.csv"
"""Derived from the vendor's OpenAPI documents of August 2026. Where those state no levels, we
chose them (`levels_by`): who administers writes, and reads with whoever reads it in the console."""

EVERYBODY: Final = frozenset({"Any", "USER"})
"""The vendor's names for whoever is in the tenant."""
ALL_SCOPES: Final = "sp:scopes:all"
"""Reaches whatever the levels of the holder do."""
DEFAULT_SCOPES: Final = "sp:scopes:default"
"""Reaches what needs no right at all; every other scope of this vendor does that as well."""
VENDORS_SCOPES: Final = ("idn:", "sp:", "iai:", "das:")


@dataclass(frozen=True)
class Operation:
    """One method of one address; `path` is in the layout of 2026, service before version."""

    name: str
    method: str
    path: str
    levels: frozenset[str]
    """By the vendor's names, any one of which is enough."""
    scopes: tuple[str, ...]
    """Any one of which is enough; the least first."""

    def reached_by(self, scopes: Collection[str]) -> Sequence[str]:
        """Which of a token's scopes let the call through; none where it is empty."""
        if ALL_SCOPES in scopes:
            return (ALL_SCOPES,)
        if self.scopes == (DEFAULT_SCOPES,):
            ours = sorted(name for name in scopes if name.startswith(VENDORS_SCOPES))
            return [DEFAULT_SCOPES] if DEFAULT_SCOPES in scopes else ours[:1]
        return [name for name in self.scopes if name in scopes][:1]

    def open_to(self, levels: Iterable[str]) -> bool:
        """Whether one of these user levels, named as in `LEVELS`, is enough."""
        return bool(self.levels & EVERYBODY) or not self.levels.isdisjoint(capabilities(levels))


def capabilities(levels: Iterable[str]) -> set[str]:
    """User levels by the vendor's names; those that only we have are left out."""
    return {LEVELS[code].capability for code in levels if code in LEVELS} - {""}


@cache
def served() -> dict[str, Operation]:
    """All operations by name."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["operation"]: Operation(
                name=row["operation"],
                method=row["method"],
                path=row["path"],
                levels=frozenset(row["levels"].split()),
                scopes=tuple(row["scopes"].split()),
            )
            for row in csv.DictReader(file)
        }
