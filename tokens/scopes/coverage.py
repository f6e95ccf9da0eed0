"""Which scope covers which, and which ones an account may be given."""

from collections.abc import Collection
from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from tokens.scopes.catalogue import Catalogue, Mark
from tokens.scopes.files import installed


class BadScopes(DomainError):
    """Scopes that cannot be given; the message names every one of them and why."""

    code = "bad_scopes"


class Coverage(StrEnum):
    """How what was granted reaches what is needed; false when it does not."""

    DIRECT = "direct"
    PARENT = "parent"
    DEPRECATED_IMPLICATION = "deprecated_implication"
    NONE = "none"

    def __bool__(self) -> bool:
        return self is not Coverage.NONE


def covers(
    granted: Collection[str],
    needed: str,
    *,
    imply_esv: bool,
    catalogue: Catalogue | None = None,
) -> Coverage:
    """Whether `needed` is among the granted scopes or below one of them.

    With `imply_esv` also where a granted scope implies it (fr:idm:* the ESV ones), as the
    vendor's clients still expect. Unknown and restricted scopes are never covered.
    """
    catalogue = catalogue or installed()
    if grantable(needed, catalogue=catalogue) is not None:
        return Coverage.NONE
    if needed in granted:
        return Coverage.DIRECT
    ancestors = catalogue.ancestors(needed)
    if any(ancestor in granted for ancestor in ancestors):
        return Coverage.PARENT
    if imply_esv and not {needed, *ancestors}.isdisjoint(_implied(granted, catalogue)):
        return Coverage.DEPRECATED_IMPLICATION
    return Coverage.NONE


def _implied(granted: Collection[str], catalogue: Catalogue) -> set[str]:
    scopes = [scope for name in granted if (scope := catalogue.get(name))]
    return {scope.implies.scope for scope in scopes if scope.implies}


def grantable(name: str, *, catalogue: Catalogue | None = None) -> str | None:
    """Why a service account cannot have this scope, or None when it can."""
    scope = (catalogue or installed()).get(name)
    if scope is None:
        return _("There is no such scope.")
    if scope.restricted:
        return scope.marks[Mark.RESTRICTED]
    return None


def check_assignable(scopes: Collection[str], *, catalogue: Catalogue | None = None) -> list[str]:
    """The scopes as they are kept: each once, in catalogue order, without covered children.

    Raises:
        BadScopes: at least one is unknown or restricted.
    """
    catalogue = catalogue or installed()
    chosen = catalogue.in_order(scopes)
    refused = {name: why for name in chosen if (why := grantable(name, catalogue=catalogue))}
    if refused:
        listed = " ".join(f"{name}: {why}" for name, why in refused.items())
        message = _("These scopes cannot be given to a service account. %(listed)s")
        raise BadScopes(message % {"listed": listed}, field="scopes")
    return [name for name in chosen if not set(catalogue.ancestors(name)) & set(chosen)]
