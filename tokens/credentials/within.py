"""What a program asks for stays within the access token by which it asks.

A narrow one that somebody stole would else become a wide one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from tokens.credentials.policies import scopes_of
from tokens.scopes import in_force
from tokens.scopes.coverage import covers

EVERYTHING: Final = "steward:all"


class BeyondToken(DomainError):
    """The token by which a program asks cannot do this itself."""

    code = "beyond_token"


class KeyBeyondToken(BeyondToken):
    """So it has no key either that can."""

    code = "key_beyond_token"


class Asking(Protocol):
    """The access token by which a program asks."""

    @property
    def scopes(self) -> Collection[str]: ...
    @property
    def credential_id(self) -> UUID: ...


def check_within(asking: Asking | None, by: Actor, holder: Identity, scopes: Iterable[str]) -> None:
    """A token makes none that can do more than it can itself.

    For a service account the scope for everything of ours is enough, since no person's token
    holds what is bound to accounts.

    Raises:
        BeyondToken
    """
    if beyond := _beyond(asking, by, holder, scopes):
        said = _("A token cannot give scopes that it lacks itself: %(names)s.")
        raise BeyondToken(said % {"names": beyond}, field="scopes")


def check_key_within(asking: Asking | None, by: Actor, account: ServiceAccount) -> None:
    """As `check_within`: with a key one can ask for all that its account may.

    Raises:
        KeyBeyondToken
    """
    if beyond := _beyond(asking, by, account.identity, scopes_of(account)):
        said = _(
            "A token cannot have a key of an account that may do what the token cannot: %(names)s. "
            "Use one with %(everything)s."
        )
        raise KeyBeyondToken(said % {"names": beyond, "everything": EVERYTHING})


def _beyond(asking: Asking | None, by: Actor, holder: Identity, scopes: Iterable[str]) -> str:
    """The first of those that the token lacks, as words; empty where it lacks none."""
    if asking is None:
        return ""
    if by.actor_id != holder.actor_id and EVERYTHING in asking.scopes:
        return ""
    names = list(scopes)
    catalogue = in_force.for_names(names)
    lacking = [
        name[:100]
        for name in names
        if name in catalogue
        and not covers(asking.scopes, name, imply_esv=False, catalogue=catalogue)
    ]
    return ", ".join(lacking[:5])
