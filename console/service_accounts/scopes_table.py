"""What an account may ask for, scope by scope, with the verdict and the last use."""

from __future__ import annotations

from django.utils.translation import gettext as _

from console.ui.rights import Line, Uses, line
from tokens.scopes.coverage import Coverage
from tokens.scopes.effective import Held, effective
from tokens.scopes.files import installed


def assigned(held: Held, used: Uses) -> list[Line]:
    """Each assigned scope, and below it those that it covers."""
    catalogue = installed()
    lines = []
    for verdict in effective(held).verdicts:
        lines.append(line(verdict, how=_("Assigned"), used=used))
        children = [child.name for child in catalogue.children(verdict.scope)]
        how = _("Covered by %(scope)s") % {"scope": verdict.scope}
        lines += [
            line(child, how=how, used=used, below=True)
            for child in effective(held, children).verdicts
            if child.scope not in held.account
        ]
    return lines


def implied(held: Held, used: Uses) -> list[Line]:
    """What the account reaches only because another scope still implies it."""
    rights = effective(held, installed(), imply_esv=True)
    return [
        line(verdict, how=_("Implied, deprecated"), used=used)
        for verdict in rights.verdicts
        if verdict.coverage is Coverage.DEPRECATED_IMPLICATION
    ]


def no_longer_assigned(held: Held, used: Uses) -> list[Line]:
    """Scopes that were used lately and could not be asked for any more."""
    rights = effective(held, installed().in_order(used))
    refused = [verdict for verdict in rights.verdicts if not verdict.allowed]
    return [line(verdict, how="", used=used) for verdict in refused]
