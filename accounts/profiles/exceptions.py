"""The exceptions of a profile, as they are now: incomplete, colliding, in error, deleted by hand.

The last plan says which accounts to look at; each that is shown is looked at again. So what was
mended is gone at once, although nothing was applied yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.identities.models import Identity, IdentityQuerySet
from accounts.profiles.attributes import EMAIL, LAST_NAME, known
from accounts.profiles.models import AttributeMapping, IdentityAccount, IdentityProfile
from accounts.profiles.preview import preview
from accounts.profiles.processing.models import AccountProblem
from accounts.profiles.processing.states import Problem
from accounts.profiles.transforms.base import BadDefinition
from accounts.service_accounts.models import ServiceAccount
from accounts.sources.models import SourceAccount

PAGE: Final = 50
SIDES_SHOWN: Final = 20

COLLISIONS: Final = (Problem.COLLISION, Problem.NAME_COLLISION)
ERRORS: Final = (Problem.TRANSFORM, Problem.VALUE, Problem.MISSING, Problem.PROTECTED)


@dataclass(frozen=True)
class Side:
    """One of those that would have the same name: an identity, or an account of a source."""

    label: str
    user_name: str
    identity: Identity | None = None
    profile: IdentityProfile | None = None
    native_identity: str = ""
    """The account, in the source of `profile`; empty for an identity made otherwise."""


@dataclass(frozen=True)
class Collision:
    """A name that only one can have, and everybody who would."""

    reason: str
    """“Non-unique username”, in words."""
    name: str
    key: str
    sides: list[Side]


@dataclass(frozen=True)
class AccountError:
    """Why an account did not become, or change, an identity."""

    kind: Problem
    reason: str
    account_name: str
    native_identity: str
    identity_id: UUID | None
    attribute: str
    label: str
    """Of the attribute."""
    causes: list[str]
    mapping: AttributeMapping | None
    """Where to mend it, unless the account itself is to be changed."""


@dataclass(frozen=True)
class Counts:
    """How many there are; of collisions and errors as the last plan found them."""

    incomplete: int
    collisions: int
    errors: int
    left_deleted: int

    @property
    def total(self) -> int:
        return self.incomplete + self.collisions + self.errors + self.left_deleted


def incomplete(profile: IdentityProfile | None = None) -> IdentityQuerySet:
    """Identities of a profile, or of all, without an e-mail address or a last name.

    Without a user name there is no identity; those accounts are among `errors`. Page by
    ("display_name", "id").
    """
    links = IdentityAccount.objects.filter(identity=OuterRef("pk"), leads=True)
    if profile is not None:
        links = links.filter(source=profile.source_id)
    return Identity.objects.existing().filter(Q(email="") | Q(last_name=""), Exists(links))


def missing_in(identity: Identity) -> list[str]:
    """The names of the required attributes that an identity lacks."""
    there = {EMAIL: identity.email, LAST_NAME: identity.last_name}
    return [name for name, value in there.items() if not value]


def left_deleted(profile: IdentityProfile) -> QuerySet[IdentityAccount]:
    """Accounts whose identity somebody deleted: it is not made again by itself.

    Page by ("native_identity",).
    """
    accounts = SourceAccount.objects.filter(
        source=profile.source_id, native_identity=OuterRef("native_identity")
    )
    return IdentityAccount.objects.filter(
        Exists(accounts), source=profile.source_id, identity__deleted_at__isnull=False
    ).select_related("identity")


def counts(profile: IdentityProfile) -> Counts:
    return Counts(
        incomplete=incomplete(profile).count(),
        collisions=_of(profile, COLLISIONS).values("kind", "key").distinct().count(),
        errors=_of(profile, ERRORS).values("native_identity").distinct().count(),
        left_deleted=left_deleted(profile).count(),
    )


def collisions(
    profile: IdentityProfile, *, after: str = "", limit: int = PAGE
) -> tuple[list[Collision], str]:
    """Names that collide, with both sides, in the order of their keys; and where to go on.

    The second part is empty at the end.
    """
    found = (
        _of(profile, COLLISIONS).filter(key__gt=after).order_by("key").values_list("key", "kind")
    )
    keys = list(dict.fromkeys(found.distinct()[: limit + 1]))
    more = keys[limit - 1][0] if len(keys) > limit else ""
    page = [(key, Problem(kind)) for key, kind in keys[:limit]]
    there = [_collision(key, kind) for key, kind in page]
    return [collision for collision in there if len(collision.sides) > 1], more


def errors(
    profile: IdentityProfile, *, at: datetime, after: int = 0, limit: int = PAGE
) -> tuple[list[AccountError], int]:
    """Accounts in error with cause and where to mend it, oldest first; and where to go on.

    The second part is 0 at the end.
    """
    rows = list(_of(profile, ERRORS).filter(pk__gt=after).order_by("pk")[: limit + 1])
    more = rows[limit - 1].pk if len(rows) > limit else 0
    rows = rows[:limit]
    accounts = {
        account.native_identity: account
        for account in SourceAccount.objects.filter(
            source=profile.source_id, native_identity__in={row.native_identity for row in rows}
        )
    }
    mappings = {m.attribute: m for m in profile.mappings.select_related("source", "transform")}
    found: list[AccountError] = []
    for row in {row.native_identity: row for row in rows}.values():
        if row.kind == Problem.PROTECTED:
            found.append(_protected(row))
        elif (account := accounts.get(row.native_identity)) is not None:
            found += _errors_now(profile, account, mappings, at=at)
    return found, more


def _errors_now(
    profile: IdentityProfile,
    account: SourceAccount,
    mappings: Mapping[str, AttributeMapping],
    *,
    at: datetime,
) -> Iterable[AccountError]:
    try:
        seen = preview(profile, account, at=at)
    except BadDefinition as error:
        said = [str(problem) for problem in error.problems]
        return [_error(account, None, Problem.TRANSFORM, "", said, None)]
    wrong = [
        _error(
            account,
            seen.identity,
            Problem.TRANSFORM if problem.path else Problem.VALUE,
            problem.attribute,
            [f"{problem.path}: {problem.cause}" if problem.path else problem.cause],
            mappings.get(problem.attribute),
        )
        for problem in seen.problems
    ]
    if not wrong and not seen.user_name:
        return [_error(account, seen.identity, Problem.MISSING, "uid", [], mappings.get("uid"))]
    return wrong


def _error(
    account: SourceAccount,
    identity: Identity | None,
    kind: Problem,
    attribute: str,
    causes: Sequence[str],
    mapping: AttributeMapping | None,
) -> AccountError:
    labels = known()
    return AccountError(
        kind=kind,
        reason=str(kind.label),
        account_name=account.name,
        native_identity=account.native_identity,
        identity_id=identity.pk if identity else None,
        attribute=attribute,
        label=str(labels[attribute].label) if attribute in labels else attribute,
        causes=list(causes),
        mapping=mapping,
    )


def _protected(row: AccountProblem) -> AccountError:
    return AccountError(
        kind=Problem.PROTECTED,
        reason=str(Problem.PROTECTED.label),
        account_name=row.account_name,
        native_identity=row.native_identity,
        identity_id=row.identity_id,
        attribute="",
        label="",
        causes=[row.cause],
        mapping=None,
    )


def _of(profile: IdentityProfile, kinds: Sequence[Problem]) -> QuerySet[AccountProblem]:
    """The problems of the plan that counts."""
    return AccountProblem.objects.filter(
        plan=profile.problems or 0, kind__in=[kind.value for kind in kinds]
    )


def _collision(key: str, kind: Problem) -> Collision:
    sides = _identities_called(key, kind) + _accounts_called(key, kind)
    return Collision(
        reason=_("Non-unique username") if kind == Problem.COLLISION else str(kind.label),
        name=sides[0].user_name if sides else "",
        key=key,
        sides=sides,
    )


def _identities_called(key: str, kind: Problem) -> list[Side]:
    identity: Identity | None
    if kind == Problem.COLLISION:
        identity = Identity.objects.existing().filter(user_name_key=key).first()
    else:
        account = ServiceAccount.objects.existing().select_related("identity")
        found = account.filter(name_key=key).first()
        identity = found.identity if found else None
    if identity is None:
        return []
    link = IdentityAccount.objects.filter(identity=identity, leads=True).first()
    profile = (
        IdentityProfile.objects.existing().filter(source=link.source_id).first() if link else None
    )
    return [
        Side(
            label=identity.display_name,
            user_name=identity.user_name,
            identity=identity,
            profile=profile,
            native_identity=link.native_identity if link and profile else "",
        )
    ]


def _accounts_called(key: str, kind: Problem) -> list[Side]:
    """Accounts that would have the name, of all profiles, and that are still there."""
    there = SourceAccount.objects.filter(
        source=OuterRef("profile__source_id"), native_identity=OuterRef("native_identity")
    )
    current = IdentityProfile.objects.existing().exclude(problems=None).values("problems")
    rows = (
        AccountProblem.objects.filter(Exists(there), key=key, kind=kind, plan__in=current)
        .select_related("profile")
        .order_by("pk")
    )
    taken = {side.native_identity for side in _identities_called(key, kind)}
    return [
        Side(
            label=row.account_name,
            user_name=row.user_name,
            profile=row.profile,
            native_identity=row.native_identity,
        )
        for row in rows[:SIDES_SHOWN]
        if row.native_identity not in taken
    ]
