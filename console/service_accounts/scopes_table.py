"""What an account may ask for, scope by scope, with the verdict and the last use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tokens.scopes.catalogue import Catalogue, installed
from tokens.scopes.coverage import Coverage
from tokens.scopes.effective import EffectiveRights, Verdict, effective

Uses = Mapping[str, datetime]
"""Scope to its last use."""


@dataclass(frozen=True)
class Line:
    """One scope as the table shows it."""

    scope: str
    says: str
    allowed: bool
    how: str
    """Assigned, covered or implied by which scope, or why it is refused."""
    last_used_at: datetime | None
    below: bool = False
    """It stands under the scope that covers it."""


def assigned(scopes: Collection[str], used: Uses) -> list[Line]:
    """Each assigned scope, and below it those that it covers."""
    catalogue = installed()
    lines = []
    for verdict in effective(scopes).verdicts:
        lines.append(_line(verdict, used, catalogue, how=_("Assigned")))
        children = [child.name for child in catalogue.children(verdict.scope)]
        how = _("Covered by %(scope)s") % {"scope": verdict.scope}
        lines += [
            _line(child, used, catalogue, how=how, below=True)
            for child in effective(scopes, requested=children).verdicts
            if child.scope not in scopes
        ]
    return lines


def implied(scopes: Collection[str], used: Uses) -> list[Line]:
    """What the account reaches only because another scope still implies it."""
    catalogue = installed()
    rights: EffectiveRights = effective(scopes, requested=catalogue, imply_esv=True)
    how = _("Implied, deprecated")
    return [
        _line(verdict, used, catalogue, how=how)
        for verdict in rights.verdicts
        if verdict.coverage is Coverage.DEPRECATED_IMPLICATION
    ]


def no_longer_assigned(scopes: Collection[str], used: Uses) -> list[Line]:
    """Scopes that were used lately and could not be asked for any more."""
    catalogue = installed()
    rights = effective(scopes, requested=catalogue.in_order(used))
    refused = [verdict for verdict in rights.verdicts if not verdict.allowed]
    return [_line(verdict, used, catalogue, how="") for verdict in refused]


def _line(
    verdict: Verdict, used: Uses, catalogue: Catalogue, *, how: str, below: bool = False
) -> Line:
    scope = catalogue.get(verdict.scope)
    return Line(
        scope=verdict.scope,
        says=(scope.plain or scope.purpose) if scope else _("Not in the catalogue."),
        allowed=verdict.allowed,
        how=how if verdict.allowed else verdict.reason,
        last_used_at=used.get(verdict.scope),
        below=below,
    )
