"""What somebody may do, scope by scope, as `components/rights.html` shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tokens.scopes import in_force
from tokens.scopes.catalogue import Catalogue
from tokens.scopes.effective import EffectiveRights, Origin, Verdict

Uses = Mapping[str, datetime]
"""Scope to its last use."""


@dataclass(frozen=True)
class Line:
    """One scope as the table shows it; one that gives nothing is struck through."""

    scope: str
    says: str
    allowed: bool
    how: str
    """Assigned, covered or implied by which scope, or why it is refused."""
    last_used_at: datetime | None = None
    below: bool = False
    """It stands under the scope that covers it."""
    remains: tuple[str, ...] = ()
    """Scopes below a refused one that are carried all the same."""


def lines(
    rights: EffectiveRights, *, used: Uses | None = None, catalogue: Catalogue | None = None
) -> list[Line]:
    """Each scope that was judged, with the reason where it is refused."""
    catalogue = catalogue or in_force.for_names(verdict.scope for verdict in rights.verdicts)
    return [line(v, how=_origin(v), used=used, catalogue=catalogue) for v in rights.verdicts]


def line(
    verdict: Verdict,
    *,
    how: str,
    catalogue: Catalogue,
    used: Uses | None = None,
    below: bool = False,
) -> Line:
    scope = catalogue.get(verdict.scope)
    return Line(
        scope=verdict.scope,
        says=(scope.plain or scope.purpose) if scope else _("Not in the catalogue."),
        allowed=verdict.allowed,
        how=how if verdict.allowed else verdict.reason,
        last_used_at=(used or {}).get(verdict.scope),
        below=below,
        remains=verdict.remains,
    )


def _origin(verdict: Verdict) -> str:
    match verdict.origin:
        case Origin.ACCOUNT:
            return _("Given to the account")
        case Origin.ROLE:
            return _("By a role of the account")
        case Origin.LEVEL:
            return _("Carried by the user levels of the holder")
        case None:
            return ""
