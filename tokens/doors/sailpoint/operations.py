"""The operations that this door serves, and who may call each: read from one data file.

A call passes where the token carries any one of the operation's scopes, and its holder any one of
its user levels. What it may do then, the actions of the domain ask once more, as of any person.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from accounts.authorization.levels import LEVELS
from tokens.scopes.effective import EffectiveRights, Held, effective
from tokens.scopes.files import installed

FILE: Final = Path(__file__).parent / "data" / "operations.csv"
"""Derived from the vendor's OpenAPI documents of August 2026. Where those state no levels, we
chose them (`levels_by`): who administers writes, and reads with whoever reads it in the console."""

EVERYBODY: Final = frozenset({"Any", "USER"})
"""The vendor's names for whoever is in the tenant."""
NOT_HERE: Final = frozenset({"API"})
"""The vendor's clients that act for nobody. Here every token has a holder, whose levels count."""
DEFAULT_SCOPES: Final = "sp:scopes:default"
"""What needs no right at all; every other scope of this vendor reaches it as well."""


@dataclass(frozen=True)
class Operation:
    """One method of one address; `path` is in the layout of 2026, service before version."""

    name: str
    method: str
    path: str
    levels: frozenset[str]
    """By the vendor's names, any one of which is enough; those that nobody can hold left out."""
    scopes: tuple[str, ...]
    """Any one of which is enough; the least first."""

    def judged(self, held: Held) -> EffectiveRights:
        """The verdict on each of its scopes, one of which has to be carried."""
        if self.scopes == (DEFAULT_SCOPES,):
            catalogue = installed()
            ours = catalogue.publisher_of(DEFAULT_SCOPES)
            if any(catalogue.publisher_of(name) == ours for name in held.all):
                held = replace(held, token=self.scopes)
        return effective(held, self.scopes)

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
                levels=frozenset(row["levels"].split()) - NOT_HERE,
                scopes=tuple(row["scopes"].split()),
            )
            for row in csv.DictReader(file)
        }
