"""The one place that says what an account, or a token of it, may do, and why not.

Pages, the token endpoint and the API all ask `effective`, about what `of_identity` reads of
somebody or what they have read of it already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.models import Identity, ServiceAccount
from tokens.scopes import in_force, levels
from tokens.scopes.catalogue import SCOPE_NAME, Catalogue, Scope
from tokens.scopes.coverage import BadScopes, Coverage, covers, grantable

MAX_REQUESTED: Final = 200
"""Scopes in one request; clients ask for 17 at most, and every one costs a look-up."""


class Refusal(StrEnum):
    """Which part refused."""

    UNKNOWN = "unknown"
    RESTRICTED = "restricted"
    NOT_ON_TOKEN = "not_on_token"  # noqa: S105  # a word, no password
    NOT_ASSIGNED = "not_assigned"
    LEVEL = "level"


class Origin(StrEnum):
    """Whose scope lets it through."""

    ACCOUNT = "account"
    ROLE = "role"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One scope: carried, by whom and how, or refused, and by which part."""

    scope: str
    coverage: Coverage
    origin: Origin | None = None
    refusal: Refusal | None = None
    reason: str = ""
    """Empty when carried; otherwise for administrators, not for the caller."""
    remains: tuple[str, ...] = ()
    """Scopes below a refused one that are carried all the same: to read where not to manage."""

    @property
    def allowed(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class EffectiveRights:
    """The verdict on each scope, in the order asked, or of the catalogue when all are meant."""

    verdicts: tuple[Verdict, ...]

    @property
    def granted(self) -> list[str]:
        return [verdict.scope for verdict in self.verdicts if verdict.allowed]

    @property
    def refused(self) -> list[str]:
        return [verdict.scope for verdict in self.verdicts if not verdict.allowed]

    @property
    def reach(self) -> list[str]:
        """What is granted, and what remains of that which is not."""
        return [
            scope
            for verdict in self.verdicts
            for scope in ((verdict.scope,) if verdict.allowed else verdict.remains)
        ]


@dataclass(frozen=True, slots=True)
class Held:
    """What rights come from.

    A scope that levels bound has to be on the token and within the levels, and where there is no
    token of one's own, among the scopes of the account. Every other scope has to be among those of
    the account or its roles, on whatever token it stands.
    """

    account: Collection[str] = ()
    roles: Collection[str] = ()
    levels: Collection[str] = ()
    """Codes of the holder's user levels; everybody has the basic one."""
    permissions: Collection[Permission] = ()
    """What the holder's roles allow, beside the levels."""
    token: Collection[str] | None = None
    """The scopes of a personal access token; None where a key proved the account."""
    is_person: bool = False
    """For whom reasons are given in other words: they have no scopes of their own."""

    @property
    def all(self) -> list[str]:
        return [*self.account, *self.roles] if self.token is None else list(self.token)

    def carry(self, scope: Scope) -> bool:
        """Whether levels, and what these and the roles allow, let a scope through."""
        return levels.carries(self.levels, scope, by_roles=self.permissions)


def of_identity(holder: Identity, *, token: Collection[str] | None = None) -> Held:
    """What an identity has now, by its keys, or on a personal access token of these scopes.

    Reads the service account, the user levels and the roles of the identity, unless they are read
    already.
    """
    account: ServiceAccount | None = getattr(holder, "service_account", None)
    scopes = account.scopes if account is not None and account.deleted_at is None else ()
    by_roles = holder.rights_by_roles
    return Held(
        scopes,
        roles=sorted(by_roles.scopes),
        levels=holder.levels,
        permissions=by_roles.permissions,
        token=token,
        is_person=holder.is_person,
    )


def effective(
    held: Held,
    requested: Iterable[str] | None = None,
    *,
    imply_esv: bool = False,
    catalogue: Catalogue | None = None,
) -> EffectiveRights:
    """Scope by scope whether it is carried, and if not, which part refuses and why.

    Without `requested`, all of the token is judged, or all that account and roles have.
    `imply_esv` is for judging calls: a token endpoint never issues a scope by implication.
    """
    names = held.all if requested is None else list(dict.fromkeys(requested))
    catalogue = catalogue or in_force.for_names(names)
    wanted = catalogue.in_order(names) if requested is None else names
    return EffectiveRights(tuple(_judge(scope, held, imply_esv, catalogue) for scope in wanted))


def _judge(scope: str, held: Held, imply_esv: bool, catalogue: Catalogue) -> Verdict:
    reason = grantable(scope, catalogue=catalogue)
    if reason is not None:
        refusal = Refusal.RESTRICTED if scope in catalogue else Refusal.UNKNOWN
        return Verdict(scope, Coverage.NONE, refusal=refusal, reason=reason)
    coverage, origin = Coverage.NONE, None
    if held.token is not None:
        coverage = covers(held.token, scope, imply_esv=imply_esv, catalogue=catalogue)
        if not coverage:
            reason = _("The token does not have this scope.")
            return Verdict(scope, coverage, refusal=Refusal.NOT_ON_TOKEN, reason=reason)
    if held.token is None or not catalogue.is_bound_by_levels(scope):
        origin, coverage = _best(scope, held, imply_esv, catalogue)
        if origin is None:
            reason = _("Neither the account nor a role of it has this scope.")
            if held.is_person:
                reason = _("No role of this person has this scope.")
            return Verdict(scope, coverage, refusal=Refusal.NOT_ASSIGNED, reason=reason)
    found = catalogue.get(scope)
    if found is not None and not held.carry(found):
        return Verdict(
            scope,
            coverage,
            refusal=Refusal.LEVEL,
            reason=levels.reason(held.levels, found),
            remains=_remains(scope, held, catalogue),
        )
    return Verdict(scope, coverage, origin or Origin.LEVEL)


def _remains(scope: str, held: Held, catalogue: Catalogue) -> tuple[str, ...]:
    below = [found for name in catalogue.below(scope) if (found := catalogue.get(name))]
    return tuple(found.name for found in below if held.carry(found))


def _best(
    scope: str, held: Held, imply_esv: bool, catalogue: Catalogue
) -> tuple[Origin | None, Coverage]:
    """A granted scope goes before a deprecated implication, the account before its roles."""
    sources = ((Origin.ACCOUNT, held.account), (Origin.ROLE, held.roles))
    for implied in (False, True) if imply_esv else (False,):
        for origin, scopes in sources:
            coverage = covers(scopes, scope, imply_esv=implied, catalogue=catalogue)
            if coverage:
                return origin, coverage
    return None, Coverage.NONE


def requested(
    held: Held, asked: str, *, catalogue: Catalogue | None = None
) -> tuple[list[str], list[str]]:
    """The `scope` parameter of a token request as granted and refused, in the order asked.

    A child of an assigned wildcard may be asked for. What a personal access token has and the
    levels of its holder do not carry is granted and gives nothing, as its clients expect: levels
    come and go, and every call looks at them anew.

    Raises:
        BadScopes: nothing is asked for, or it is no list of scopes (RFC 6749 section 3.3).
    """
    names = list(dict.fromkeys(name for name in asked.split(" ") if name))
    if not names:
        raise BadScopes(_("Ask for at least one scope."), field="scope")
    if len(names) > MAX_REQUESTED:
        message = _("Ask for at most %(most)d scopes at a time.")
        raise BadScopes(message % {"most": MAX_REQUESTED}, field="scope")
    if not all(SCOPE_NAME.fullmatch(name) for name in names):
        message = _("Separate scopes by single spaces; they hold neither quotes nor backslashes.")
        raise BadScopes(message, field="scope")
    granted = issuable(held, names, catalogue=catalogue)
    return granted, [name for name in names if name not in granted]


def issuable(
    held: Held, names: Iterable[str] | None = None, *, catalogue: Catalogue | None = None
) -> list[str]:
    """Of these scopes, or of all that are held, those that an access token may carry."""
    verdicts = effective(held, names, catalogue=catalogue).verdicts
    passes = {None} if held.token is None else {None, Refusal.LEVEL}
    return [verdict.scope for verdict in verdicts if verdict.refusal in passes]


def given_by_roles(held: Held, scopes: Iterable[str]) -> list[str]:
    """Of scopes that a key was granted, those that the account has by its roles alone.

    A personal access token is held against its account and the roles at every call anyway.
    """
    if not held.roles or held.token is not None:
        return []
    verdicts = effective(held, scopes).verdicts
    return [verdict.scope for verdict in verdicts if verdict.origin is Origin.ROLE]
