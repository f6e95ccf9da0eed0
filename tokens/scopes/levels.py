"""Which user levels carry a scope that levels bound."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.utils.translation import gettext as _

from accounts.authorization.levels import LEVELS, USER
from tokens.scopes.catalogue import Catalogue, Scope
from tokens.scopes.files import installed

EVERYBODY: Final = "USER"
"""What a catalogue calls the level that whoever is signed in has."""


def carries(held: Iterable[str], scope: Scope) -> bool:
    """Whether somebody with these user levels carries a scope; levels bound nothing else."""
    return not scope.levels or not scope.levels.isdisjoint(_capabilities(held))


def carried(held: Iterable[str], *, catalogue: Catalogue | None = None) -> list[str]:
    """All scopes that levels bound and these carry, in the order of the catalogue."""
    catalogue = catalogue or installed()
    scopes = [scope for name in catalogue if (scope := catalogue.get(name))]
    return [scope.name for scope in scopes if scope.levels and carries(held, scope)]


def reason(held: Collection[str], scope: Scope) -> str:
    """Why these levels do not carry a scope, and which ones would."""
    needed = [str(level.label) for level in LEVELS.values() if level.capability in scope.levels]
    if not needed:
        said = _("No user level of this tenant carries it; in SailPoint %(levels)s does.")
        return said % {"levels": ", ".join(sorted(scope.levels))}
    has = [str(LEVELS[code].label) for code in LEVELS if code in held]
    said = _("Only %(needed)s carries it; the holder has %(held)s.")
    return said % {"needed": _one_of(needed), "held": ", ".join(has or [str(LEVELS[USER].label)])}


def _one_of(labels: list[str]) -> str:
    """The labels as an enumeration."""
    *first, last = labels
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def _capabilities(held: Iterable[str]) -> set[str]:
    return {EVERYBODY} | {LEVELS[code].capability for code in held if code in LEVELS} - {""}
