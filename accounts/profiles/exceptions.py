"""The exceptions of a profile, as they are now: incomplete, colliding, in error, deleted by hand.

The last plan says which accounts to look at; each that is shown is looked at again. So what was
mended is gone at once, although nothing was applied yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Concat, RowNumber
from django.utils.translation import gettext as _

from accounts.identities.models import LACKING, Identity, IdentityQuerySet
from accounts.lib.names import skeleton
from accounts.profiles import managed_by
from accounts.profiles.attributes import (
    DEFAULTS,
    EMAIL,
    LAST_NAME,
    MANAGER,
    USER_NAME,
    AttributeInfo,
    known,
)
from accounts.profiles.models import AttributeMapping, IdentityAccount, IdentityProfile
from accounts.profiles.preview import Preview, previews
from accounts.profiles.processing.models import AccountProblem
from accounts.profiles.processing.states import MANAGED, Problem
from accounts.profiles.transforms.base import BadDefinition
from accounts.service_accounts.models import ServiceAccount
from accounts.sources.models import SourceAccount

PAGE: Final = 50
SIDES_SHOWN: Final = 20

COLLISIONS: Final = (Problem.COLLISION, Problem.NAME_COLLISION)
ERRORS: Final = tuple(kind for kind in Problem if kind not in COLLISIONS)


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
    return incomplete_of(Identity.objects.existing(), profile)


def incomplete_of(
    rows: IdentityQuerySet, profile: IdentityProfile | None = None
) -> IdentityQuerySet:
    """Those of `rows`, of which none is deleted, that are incomplete."""
    links = IdentityAccount.objects.filter(identity=OuterRef("pk"), leads=True)
    if profile is not None:
        links = links.filter(source=profile.source_id)
    return rows.filter(LACKING, Exists(links))


def missing_in(identity: Identity) -> list[str]:
    """The names of the required attributes that an identity lacks."""
    there = {EMAIL: identity.email, LAST_NAME: identity.last_name}
    return [name for name, value in there.items() if not value]


def left_deleted(profile: IdentityProfile) -> QuerySet[IdentityAccount]:
    """Accounts whose identity somebody deleted: it is not made again by itself.

    Page by ("native_identity",).
    """
    return _left_deleted([profile.source_id]).select_related("identity")


def _left_deleted(sources: Sequence[UUID]) -> QuerySet[IdentityAccount]:
    accounts = SourceAccount.objects.filter(
        source=OuterRef("source"), native_identity=OuterRef("native_identity")
    )
    return IdentityAccount.objects.filter(
        Exists(accounts), source__in=sources, identity__deleted_at__isnull=False
    )


def counts(profile: IdentityProfile) -> Counts:
    return counts_of([profile])[profile.pk]


def counts_of(profiles: Sequence[IdentityProfile]) -> dict[UUID, Counts]:
    """The counts of several profiles by their ids, in as many statements as of one."""
    sources = [profile.source_id for profile in profiles]
    led = IdentityAccount.objects.filter(source__in=sources, leads=True)
    lacking = led.filter(identity__deleted_at=None).filter(
        Q(identity__email="") | Q(identity__last_name="")
    )
    problems = AccountProblem.objects.filter(plan__in=[p.problems for p in profiles if p.problems])
    named = problems.filter(kind__in=[kind.value for kind in COLLISIONS])
    wrong = problems.filter(kind__in=[kind.value for kind in ERRORS])
    by_source = {
        "incomplete": _counted(lacking, "source_id", "identity_id"),
        "left_deleted": _counted(_left_deleted(sources), "source_id", "native_identity"),
    }
    by_plan = {
        "collisions": _counted(named.annotate(name=Concat("kind", "key")), "plan", "name"),
        "errors": _counted(wrong, "plan", "native_identity"),
    }
    return {
        profile.pk: Counts(
            **{what: found.get(profile.source_id, 0) for what, found in by_source.items()},
            **{what: found.get(profile.problems, 0) for what, found in by_plan.items()},
        )
        for profile in profiles
    }


def _counted(rows: QuerySet[Any], by: str, what: str) -> dict[Any, int]:
    found = rows.order_by().values_list(by).annotate(times=Count(what, distinct=True))
    return dict(found)


def collisions(
    profile: IdentityProfile, *, at: datetime, after: str = "", limit: int = PAGE
) -> tuple[list[Collision], str]:
    """Names that collide now, with both sides, in the order of their keys; and where to go on.

    The second part is empty at the end.
    """
    found = (
        _of(profile, COLLISIONS).filter(key__gt=after).order_by("key").values_list("key", "kind")
    )
    keys = list(dict.fromkeys(found.distinct()[: limit + 1]))
    more = keys[limit - 1][0] if len(keys) > limit else ""
    page = [(key, Problem(kind)) for key, kind in keys[:limit]]
    sides: dict[tuple[str, Problem], list[Side]] = {named: [] for named in page}
    for kind in COLLISIONS:
        wanted = [key for key, of in page if of == kind]
        for key, side in [*_identities_called(wanted, kind), *_accounts_called(wanted, kind, at)]:
            there = sides[key, kind]
            if side.identity is not None or side.native_identity not in _taken(there):
                there.append(side)
    return [
        Collision(
            reason=_("Non-unique username") if kind == Problem.COLLISION else str(kind.label),
            name=found_sides[0].user_name,
            key=key,
            sides=found_sides,
        )
        for (key, kind), found_sides in sides.items()
        if len(found_sides) > 1
    ], more


def _taken(sides: Sequence[Side]) -> set[str]:
    """Accounts whose identity has the name already."""
    return {side.native_identity for side in sides if side.identity is not None}


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
    seen = _seen_now(profile, list(accounts.values()), at=at)
    labels = known()
    unmanaged = managed_by.unsettled(profile, rows) if MANAGER in mappings else []
    for row in {row.native_identity: row for row in rows}.values():
        if row.kind == Problem.PROTECTED:
            found.append(_protected(row))
        elif row.kind in MANAGED:
            found += [_unmanaged(row, mappings[MANAGER])] if row in unmanaged else []
        elif row.native_identity in accounts:
            account = accounts[row.native_identity]
            now = _Now(account, seen[row.native_identity], mappings, labels)
            found += now.errors()
    return found, more


def _seen_now(
    profile: IdentityProfile, accounts: Sequence[SourceAccount], *, at: datetime
) -> dict[str, Preview | BadDefinition]:
    """What becomes of each account, or what is wrong with the transforms of all of them."""
    try:
        seen = previews(profile, accounts, at=at)
    except BadDefinition as error:
        return {account.native_identity: error for account in accounts}
    return {preview.account.native_identity: preview for preview in seen}


@dataclass(frozen=True)
class _Now:
    """An account as it is now, with what its errors are told by."""

    account: SourceAccount
    seen: Preview | BadDefinition
    mappings: Mapping[str, AttributeMapping]
    labels: Mapping[str, AttributeInfo]

    def errors(self) -> Iterable[AccountError]:
        if isinstance(self.seen, BadDefinition):
            said = [str(problem) for problem in self.seen.problems]
            return [self._error(Problem.TRANSFORM, "", said)]
        wrong = [
            self._error(
                Problem.TRANSFORM if problem.path else Problem.VALUE,
                problem.attribute,
                [f"{problem.path}: {problem.cause}" if problem.path else problem.cause],
            )
            for problem in self.seen.problems
        ]
        if not wrong and not self.seen.user_name:
            return [self._error(Problem.MISSING, USER_NAME, [])]
        return wrong

    def _error(self, kind: Problem, attribute: str, causes: Sequence[str]) -> AccountError:
        identity = None if isinstance(self.seen, BadDefinition) else self.seen.identity
        info = self.labels.get(attribute)
        return AccountError(
            kind=kind,
            reason=str(kind.label),
            account_name=self.account.name,
            native_identity=self.account.native_identity,
            identity_id=identity.pk if identity else None,
            attribute=attribute,
            label=str(info.label) if info else attribute,
            causes=list(causes),
            mapping=self.mappings.get(attribute),
        )


def _unmanaged(row: AccountProblem, mapping: AttributeMapping) -> AccountError:
    return AccountError(
        kind=Problem(row.kind),
        reason=str(Problem(row.kind).label),
        account_name=row.account_name,
        native_identity=row.native_identity,
        identity_id=row.identity_id,
        attribute=MANAGER,
        label=str(DEFAULTS[MANAGER].label),
        causes=[managed_by.cause(row)],
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


def _identities_called(keys: Sequence[str], kind: Problem) -> list[tuple[str, Side]]:
    """The identities that have the names, each with its key."""
    called: dict[str, Identity]
    if kind == Problem.COLLISION:
        people = Identity.objects.existing().filter(user_name_key__in=keys)
        called = {identity.user_name_key: identity for identity in people}
    else:
        accounts = ServiceAccount.objects.existing().filter(name_key__in=keys)
        called = {a.name_key: a.identity for a in accounts.select_related("identity")}
    links = {
        link.identity_id: link
        for link in IdentityAccount.objects.filter(identity__in=called.values(), leads=True)
    }
    profiles = {
        profile.source_id: profile
        for profile in IdentityProfile.objects.existing().filter(
            source__in={link.source_id for link in links.values()}
        )
    }
    found = []
    for key, identity in called.items():
        link = links.get(identity.pk)
        profile = profiles.get(link.source_id) if link else None
        side = Side(
            label=identity.display_name,
            user_name=identity.user_name,
            identity=identity,
            profile=profile,
            native_identity=link.native_identity if link and profile else "",
        )
        found.append((key, side))
    return found


def _accounts_called(keys: Sequence[str], kind: Problem, at: datetime) -> list[tuple[str, Side]]:
    """Accounts, of all profiles, that would have the names as they are now."""
    there = SourceAccount.objects.filter(
        source=OuterRef("profile__source_id"), native_identity=OuterRef("native_identity")
    )
    current = IdentityProfile.objects.existing().exclude(problems=None).values("problems")
    place = Window(RowNumber(), partition_by=F("key"), order_by=F("pk").asc())
    rows = list(
        AccountProblem.objects.filter(Exists(there), key__in=keys, kind=kind, plan__in=current)
        .annotate(place=place)
        .filter(place__lte=SIDES_SHOWN)
        .select_related("profile__source")
        .order_by("pk")
    )
    named: dict[tuple[UUID, str], Preview] = {}
    for profile in {row.profile_id: row.profile for row in rows}.values():
        theirs = [row.native_identity for row in rows if row.profile_id == profile.pk]
        accounts = SourceAccount.objects.filter(
            source=profile.source_id, native_identity__in=theirs
        )
        for native, seen in _seen_now(profile, list(accounts), at=at).items():
            if isinstance(seen, Preview):
                named[profile.pk, native] = seen
    found = []
    for row in rows:
        now = named.get((row.profile_id, row.native_identity))
        name = now and (now.user_name if kind == Problem.COLLISION else now.display_name)
        if now and name and skeleton(name) == row.key:
            side = Side(row.account_name, now.user_name, None, row.profile, row.native_identity)
            found.append((row.key, side))
    return found
