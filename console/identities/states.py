"""Life-cycle states in the list of identities: who is narrowed to which."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from accounts.identities.models import IdentityQuerySet
from accounts.profiles.lifecycle_states import queries

FILTER: Final = "state"
"""Its name in the address."""
NONE: Final = "-"
"""No technical name is written like this: they are letters and digits."""


def choices() -> list[tuple[str, str]]:
    """What can be chosen; nothing in a tenant without identity profiles."""
    known = queries.choices()
    return [*known, (NONE, _("No lifecycle state"))] if known else []


def narrow(identities: IdentityQuerySet, wanted: str) -> IdentityQuerySet:
    """Those in a state; what is the name of none is as if it were not asked for."""
    if not wanted or wanted not in dict(choices()):
        return identities
    if wanted == NONE:
        return queries.in_no_state(identities)
    return queries.in_state(identities, wanted)
