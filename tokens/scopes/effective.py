"""The one place that says what an account, or a token of it, may do, and why not.

Pages, the token endpoint and the API all ask `effective`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from tokens.scopes.catalogue import SCOPE_NAME, Catalogue, installed
from tokens.scopes.coverage import BadScopes, Coverage, covers, grantable

MAX_REQUESTED: Final = 200
"""Scopes in one request; clients ask for 17 at most, and every one costs a look-up."""


class Refusal(StrEnum):
    """Which part refused."""

    UNKNOWN = "unknown"
    RESTRICTED = "restricted"
    NOT_ASSIGNED = "not_assigned"
    LEVEL = "level"


class Origin(StrEnum):
    """Whose scope lets it through."""

    ACCOUNT = "account"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One scope: allowed, by whom and how, or refused, and by which part."""

    scope: str
    coverage: Coverage
    origin: Origin | None = None
    refusal: Refusal | None = None
    reason: str = ""
    """Empty when allowed; otherwise for administrators, not for the caller."""

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


def effective(
    account_scopes: Collection[str],
    role_scopes: Collection[str] = (),
    requested: Iterable[str] | None = None,
    *,
    level_scopes: Collection[str] | None = None,
    imply_esv: bool = False,
    catalogue: Catalogue | None = None,
) -> EffectiveRights:
    """Requested scopes within the account's own and its roles' ones, less restricted ones.

    Without `requested`, all that account and roles carry is judged. `level_scopes` are what
    the user levels of a holder allow, where they bound the rights; None sets no bound.
    `imply_esv` is for judging calls: a token endpoint never issues a scope by implication.
    """
    catalogue = catalogue or installed()
    wanted = (
        catalogue.in_order([*account_scopes, *role_scopes])
        if requested is None
        else list(dict.fromkeys(requested))
    )
    sources = {Origin.ACCOUNT: account_scopes, Origin.ROLE: role_scopes}
    return EffectiveRights(
        tuple(_judge(scope, sources, level_scopes, imply_esv, catalogue) for scope in wanted)
    )


def _judge(
    scope: str,
    sources: dict[Origin, Collection[str]],
    level_scopes: Collection[str] | None,
    imply_esv: bool,
    catalogue: Catalogue,
) -> Verdict:
    reason = grantable(scope, catalogue=catalogue)
    if reason is not None:
        refusal = Refusal.RESTRICTED if scope in catalogue else Refusal.UNKNOWN
        return Verdict(scope, Coverage.NONE, refusal=refusal, reason=reason)
    origin, coverage = _best(scope, sources, imply_esv, catalogue)
    if origin is None:
        reason = _("Neither the account nor a role of it has this scope.")
        return Verdict(scope, coverage, refusal=Refusal.NOT_ASSIGNED, reason=reason)
    if level_scopes is not None and not covers(
        level_scopes, scope, imply_esv=imply_esv, catalogue=catalogue
    ):
        reason = _("The user levels of the holder do not allow it.")
        return Verdict(scope, coverage, refusal=Refusal.LEVEL, reason=reason)
    return Verdict(scope, coverage, origin)


def _best(
    scope: str, sources: dict[Origin, Collection[str]], imply_esv: bool, catalogue: Catalogue
) -> tuple[Origin | None, Coverage]:
    """A granted scope goes before a deprecated implication, the account before its roles."""
    for implied in (False, True) if imply_esv else (False,):
        for origin, scopes in sources.items():
            coverage = covers(scopes, scope, imply_esv=implied, catalogue=catalogue)
            if coverage:
                return origin, coverage
    return None, Coverage.NONE


def requested(
    account_scopes: Collection[str],
    asked: str,
    *,
    role_scopes: Collection[str] = (),
    catalogue: Catalogue | None = None,
) -> tuple[list[str], list[str]]:
    """The `scope` parameter of a token request as granted and refused, in the order asked.

    A child of an assigned wildcard may be asked for.

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
    rights = effective(account_scopes, role_scopes, names, catalogue=catalogue)
    return rights.granted, rights.refused
