"""Which scope covers which, and which ones an account may be given."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.lib.errors import DomainError
from tokens.scopes import in_force
from tokens.scopes.catalogue import Catalogue, Mark


class BadScopes(DomainError):
    """Scopes that cannot be given; the message names every one of them and why."""

    code = "bad_scopes"


class NotTheirsToGive(NotAllowed):
    """Restricted scopes, given by somebody who is no administrator."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(Permission.SCOPE_GIVE_RESTRICTED)
        said = _(
            "Only an administrator gives %(scopes)s. Leave it out; or ask for it, under Requests: "
            "more scopes, or a key or token of a service account that has it."
        )
        self.message = said % {"scopes": ", ".join(names)}
        self.field = "scopes"


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
    catalogue = catalogue or in_force.for_names([needed])
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
    scope = (catalogue or in_force.for_names([name])).get(name)
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
    catalogue = catalogue or in_force.for_names(scopes)
    chosen = catalogue.in_order(scopes)
    refused = {name: why for name in chosen if (why := grantable(name, catalogue=catalogue))}
    if refused:
        listed = " ".join(f"{name}: {why}" for name, why in refused.items())
        message = _("These scopes cannot be given to a service account. %(listed)s")
        raise BadScopes(message % {"listed": listed}, field="scopes")
    return [name for name in chosen if not set(catalogue.ancestors(name)) & set(chosen)]


def check_may_give(
    by: Actor,
    scopes: Collection[str],
    *,
    had: Collection[str] = (),
    catalogue: Catalogue | None = None,
) -> None:
    """That somebody may give these scopes to an account or token that had others.

    Raises:
        NotTheirsToGive: a restricted one is new, and they are no administrator.
    """
    new = given_by_administrators(scopes, had=had, catalogue=catalogue)
    if new and not may(by, Permission.SCOPE_GIVE_RESTRICTED):
        raise NotTheirsToGive(new)


def given_by_administrators(
    scopes: Collection[str], *, had: Collection[str] = (), catalogue: Catalogue | None = None
) -> list[str]:
    """Of these scopes, the restricted ones that an account or token did not have."""
    catalogue = catalogue or in_force.for_names(scopes)
    found = [scope for name in scopes if (scope := catalogue.get(name))]
    return [
        scope.name
        for scope in found
        if scope.by_administrators
        and not covers(had, scope.name, imply_esv=False, catalogue=catalogue)
    ]


def check_given(by: Actor, scopes: Sequence[str], had: Sequence[str]) -> list[str]:
    """The scopes to store for an account that had others, as `check_assignable` answers them.

    Raises:
        BadScopes, NotTheirsToGive
    """
    chosen = check_assignable(scopes)
    check_may_give(by, chosen, had=had)
    return chosen
