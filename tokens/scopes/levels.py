"""Which user levels, and what these allow, carry a scope that levels bound."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.utils.translation import gettext as _

from accounts.authorization.levels import LEVELS, USER, permissions_of
from accounts.authorization.permissions import IN_WORDS, Permission
from tokens.scopes.catalogue import Catalogue, Scope
from tokens.scopes.files import installed

EVERYBODY: Final = "USER"
"""What a catalogue calls the level that whoever is signed in has."""


def carries(held: Collection[str], scope: Scope, *, by_roles: Collection[Permission] = ()) -> bool:
    """Whether somebody with these user levels, and what roles permit, carries a scope; levels
    bound nothing else."""
    if not scope.levels:
        return True
    return not scope.levels.isdisjoint(_capabilities(held)) and _is_permitted(held, scope, by_roles)


def _is_permitted(
    held: Collection[str], scope: Scope, by_roles: Collection[Permission] = ()
) -> bool:
    if not scope.permissions:
        return True
    return not scope.permissions.isdisjoint(permissions_of(held) | set(by_roles))


def carried(held: Collection[str], *, catalogue: Catalogue | None = None) -> list[str]:
    """All scopes that levels bound and these carry, in the order of the catalogue."""
    catalogue = catalogue or installed()
    scopes = [scope for name in catalogue if (scope := catalogue.get(name))]
    return [scope.name for scope in scopes if scope.levels and carries(held, scope)]


def wanted(scope: Scope) -> str:
    """Which user levels a scope wants, for who chooses it for an account that has none of them."""
    needed = _labels(scope)
    if not needed and EVERYBODY not in scope.levels:
        said = _("No user level of this tenant carries it; in SailPoint %(levels)s does.")
        return said % {"levels": ", ".join(sorted(scope.levels))}
    if not needed:
        said = _("It gives nothing until a user level or role of the account allows: %(does)s.")
        return said % {"does": _opens(scope)}
    said = _("It gives nothing until the account has the user level %(levels)s.")
    return said % {"levels": _one_of(needed)}


def _labels(scope: Scope) -> list[str]:
    """Of several levels that carry the same, the least."""
    return list(
        {
            level.capability: str(level.label)
            for level in LEVELS.values()
            if level.capability in scope.levels
        }.values()
    )


def _opens(scope: Scope) -> str:
    return "; ".join(str(IN_WORDS[each]) for each in IN_WORDS if each in scope.permissions)


def reason(held: Collection[str], scope: Scope) -> str:
    """Why these levels do not carry a scope, and which ones would."""
    needed = _labels(scope)
    if not needed and EVERYBODY not in scope.levels:
        said = _("No user level of this tenant carries it; in SailPoint %(levels)s does.")
        return said % {"levels": ", ".join(sorted(scope.levels))}
    if not scope.levels.isdisjoint(_capabilities(held)):
        said = _("No level or role of the holder allows what it opens: %(permissions)s.")
        return said % {"permissions": _opens(scope)}
    has = [str(LEVELS[code].label) for code in LEVELS if code in held]
    said = _("Only %(needed)s carries it; the holder has %(held)s.")
    return said % {"needed": _one_of(needed), "held": ", ".join(has or [str(LEVELS[USER].label)])}


def _one_of(labels: list[str]) -> str:
    """The labels as an enumeration."""
    *first, last = labels
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def _capabilities(held: Iterable[str]) -> set[str]:
    return {EVERYBODY} | {LEVELS[code].capability for code in held if code in LEVELS} - {""}
