from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.second_factors import queries
from accounts.sign_in import rules


class StillNeeded(DomainError):
    """The tenant asks a second factor of this identity, and this is the last."""

    code = "second_factor_needed"

    def __init__(self) -> None:
        super().__init__(
            message=_("You need a second factor here. Set up another one, then remove this one.")
        )


def is_missing(identity: Identity, held: rules.Rules | None = None) -> bool:
    """Whether the tenant asks for a second factor that this identity has not got."""
    return (held or rules.current()).ask_of(identity) and not queries.has_one(identity)


def check_one_stays(identity: Identity, factors: queries.Factors) -> None:
    if factors.count <= 1 and rules.current().ask_of(identity):
        raise StillNeeded
