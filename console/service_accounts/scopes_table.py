"""What an account may ask for, scope by scope, with the verdict and the last use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from console.ui.rights import Line, Uses, line
from tokens.scopes import in_force
from tokens.scopes.coverage import Coverage
from tokens.scopes.effective import Held, Origin, Verdict, effective
from tokens.scopes.files import installed


def assigned(
    held: Held, used: Uses, *, by_role: Mapping[str, Sequence[str]] | None = None
) -> list[Line]:
    """Each scope of the account or its roles, and below it those that it covers.

    `by_role` tells of a scope by which ways the account has the roles that carry it.
    """
    catalogue = in_force.for_names(held.all)
    lines = []
    for verdict in effective(held, catalogue=catalogue).verdicts:
        how = _how(verdict, by_role or {})
        lines.append(line(verdict, how=how, used=used, catalogue=catalogue))
        children = [child.name for child in catalogue.children(verdict.scope)]
        how = _("Covered by %(scope)s") % {"scope": verdict.scope}
        lines += [
            line(child, how=how, used=used, catalogue=catalogue, below=True)
            for child in effective(held, children, catalogue=catalogue).verdicts
            if child.scope not in held.all and child.coverage
        ]
    return lines


def _how(verdict: Verdict, by_role: Mapping[str, Sequence[str]]) -> str:
    ways = by_role.get(verdict.scope, ())
    if not ways:
        return _("Assigned")
    said = _("By role: %(ways)s") if verdict.origin is Origin.ROLE else _("Assigned, also %(ways)s")
    return said % {"ways": ", ".join(ways)}


def implied(held: Held, used: Uses) -> list[Line]:
    """What the account reaches only because another scope still implies it."""
    catalogue = installed()
    rights = effective(held, catalogue, imply_esv=True, catalogue=catalogue)
    return [
        line(verdict, how=_("Implied, deprecated"), used=used, catalogue=catalogue)
        for verdict in rights.verdicts
        if verdict.coverage is Coverage.DEPRECATED_IMPLICATION
    ]


def no_longer_allowed(held: Held, by_token: Held, used: Uses) -> list[Line]:
    """Scopes that were used lately and are refused now, by a key and on every token it has.

    `by_token` is what its personal access tokens have.
    """
    catalogue = in_force.for_names(used)
    names = catalogue.in_order(used)
    by_any_token = effective(by_token, names, catalogue=catalogue).granted
    refused = [
        verdict
        for verdict in effective(held, names, catalogue=catalogue).verdicts
        if not verdict.allowed and verdict.scope not in by_any_token
    ]
    return [line(verdict, how="", used=used, catalogue=catalogue) for verdict in refused]
