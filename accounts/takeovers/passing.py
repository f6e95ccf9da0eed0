"""Accounts whose owner has left: they work on, are flagged, and pass to somebody who is there.

Found by what is so, not told by what made it so: whichever action or job disabled or deleted the
owner, and however often this is run. Nothing passes back by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity, IdentityKind, IdentityQuerySet
from accounts.service_accounts.models import ServiceAccount
from accounts.takeovers.actions import wait_again
from accounts.takeovers.hands import followers
from accounts.takeovers.models import Takeover
from accounts.takeovers.states import Cause, Right, State
from accounts.takeovers.telling import tell_takers

AT_ONCE: Final = 100
"""Accounts in one transaction, which keeps their rows locked."""
GONE: Final = Q(disabled_at__isnull=False) | Q(deleted_at__isnull=False)
OWNERS_AT_ONCE: Final = 1_000


def _able(who: str) -> Q:
    """Who can own an account from now on: a person who can sign in."""
    there = {"kind": IdentityKind.PERSON, "disabled_at": None, "deleted_at": None}
    found = Q(**{f"{who}__{column}": value for column, value in there.items()})
    return found & ~Q(**{f"{who}__password__startswith": UNUSABLE_PASSWORD_PREFIX})


THERE: Final = _able("successor")
MANAGER_THERE: Final = _able("owner__manager") & ~Q(owner__manager=F("owner"))
OWNER_THERE: Final = {
    "owner__isnull": False,
    "owner__disabled_at": None,
    "owner__deleted_at": None,
}

Heir = tuple[Identity, Right]


def pass_on(*, at: datetime, most: int = 500) -> int:
    """Pass accounts on whose owner has left, or flag those for which there is nobody; answers
    how many. What more there is comes at the next call."""
    done = 0
    due = list(islice(_to_do(), most))
    for owner_id, accounts in groupby(due, key=lambda account: account.owner_id):
        ids = iter([account.pk for account in accounts])
        while owner_id is not None and (chunk := list(islice(ids, AT_ONCE))):
            done += _pass_on(owner_id, chunk, at)
    return done


def left_owners() -> IdentityQuerySet:
    """Who owns service accounts and is disabled or deleted."""
    owned = ServiceAccount.objects.existing().filter(owner=OuterRef("pk"))
    found: IdentityQuerySet = Identity.objects.get_queryset().filter(GONE)
    return found.filter(Exists(owned))


def heir_of(account: ServiceAccount, owner: Identity) -> Heir | None:
    """Who owns the account after `owner`: the successor, else the owner's manager.

    Never who put them out and may not give themselves the account anyway: that would be a way to
    take what is somebody else's.
    """
    candidates = ((account.successor, Right.SUCCESSOR), (owner.manager, Right.MANAGER))
    for person, right in candidates:
        if person is None or person.pk == owner.pk or not person.is_person:
            continue
        if not person.is_active or not person.is_registered:
            continue
        put_out = person.label[:200] in (owner.disabled_by, owner.deleted_by)
        if not put_out or may(person, Permission.SERVICE_ACCOUNT_MANAGE):
            return person, right
    return None


def _to_do() -> Iterator[ServiceAccount]:
    """Accounts that pass on now, or are not flagged yet, by owner; however many owners have left,
    a statement for each thousand of them."""
    # sorted here: in the database the order would be had by reading every identity there is
    owners = iter(sorted(left_owners().values_list("pk", flat=True)))
    people: dict[UUID, Identity] = {}
    # what passed to them and they have not answered, or what they offer to somebody else
    came = Takeover.objects.filter(account=OuterRef("pk"), state=State.WAITING)
    while some := list(islice(owners, OWNERS_AT_ONCE)):
        owned = ServiceAccount.objects.existing().filter(owner__in=some)
        owned = owned.annotate(had_come=Exists(came))
        due = owned.filter(THERE | MANAGER_THERE | Q(owner_left_at=None) | Q(had_come=True))
        found = due.select_related("owner__manager", "successor").order_by("owner", "pk")
        for account in found.iterator(chunk_size=AT_ONCE):
            is_new = account.owner_left_at is None or getattr(account, "had_come", False)
            if is_new or _has_heir(account, people):
                yield account


def _has_heir(account: ServiceAccount, people: dict[UUID, Identity]) -> bool:
    """`people` are those met before, whose rights are read once."""
    owner = account.owner
    if owner is None:
        return False
    if owner.manager:
        owner.manager = people.setdefault(owner.manager.pk, owner.manager)
    if account.successor:
        account.successor = people.setdefault(account.successor.pk, account.successor)
    return heir_of(account, owner) is not None


@transaction.atomic
def _pass_on(owner_id: UUID, ids: Sequence[UUID], at: datetime) -> int:
    """Never waits for a lock: what somebody else is at is done the next time."""
    people = Identity.objects.get_queryset().filter(GONE, pk=owner_id)
    owner = people.select_for_update(of=("self",), skip_locked=True).first()
    if owner is None:
        return 0
    rows = ServiceAccount.objects.existing().filter(pk__in=ids, owner=owner)
    rows = rows.select_for_update(of=("self",), skip_locked=True)
    accounts = list(rows.select_related("successor", "identity").order_by("pk"))
    heirs = {account.pk: heir_of(account, owner) for account in accounts}
    answered = Takeover.objects.filter(account__in=accounts, state=State.WAITING)
    had_come = set(answered.values_list("account_id", flat=True))
    answered.update(state=State.OVER, closed_at=at)
    given = [(account, heir) for account in accounts if (heir := heirs[account.pk])]
    _give(given, owner, at)
    left = [account for account in accounts if heirs[account.pk] is None]
    # once, and once more where the one they had passed to has left as well
    flagged = [one for one in left if one.owner_left_at is None or one.pk in had_come]
    _flag(flagged, owner, at)
    return len(given) + len(flagged)


def _give(given: Sequence[tuple[ServiceAccount, Heir]], owner: Identity, at: datetime) -> None:
    if not given:
        return
    before = []
    for account, (heir, right) in given:
        before.append(copy.copy(account))
        next_one = account.successor.user_name if account.successor else None
        detail = {"from": known_as(owner), "to": heir.user_name, "right": right.value}
        record(
            "service_account.passed_on",
            by=SYSTEM,
            subject=account,
            before={"owner": known_as(owner), "successor": next_one},
            after={"owner": heir.user_name, "successor": None},
            detail=detail,
            at=at,
        )
        account.owner, account.successor, account.owner_left_at = heir, None, at
        account.revision += 1
        account.changed_at = at
    changed = ["owner", "successor", "owner_left_at", "revision", "changed_at"]
    ServiceAccount.objects.bulk_update([account for account, _heir in given], changed)
    Takeover.objects.bulk_create(
        Takeover(
            account=account, giver=owner, taker=heir, cause=Cause.LEFT, right=right, created_at=at
        )
        for account, (heir, right) in given
    )
    tell_takers((heir for _account, (heir, _right) in given), at=at)
    for follow in followers.values():
        follow(by=SYSTEM, before=before, keep=True, at=at)


def _flag(accounts: Sequence[ServiceAccount], owner: Identity, at: datetime) -> None:
    """There is nobody: they stay with who left, for administrators to see."""
    ServiceAccount.objects.filter(pk__in=[account.pk for account in accounts]).update(
        owner_left_at=at, revision=F("revision") + 1, changed_at=at
    )
    for account in accounts:
        detail = {"owner": known_as(owner)}
        record("service_account.owner_left", by=SYSTEM, subject=account, detail=detail, at=at)


def known_as(owner: Identity) -> str:
    """The user name that everybody knew, also of a tombstone."""
    name, _sign, freed = owner.user_name.rpartition("~")
    return name if freed == owner.pk.hex else owner.user_name


def tidy(*, at: datetime, most: int = 1000) -> None:
    """Close takeovers that make no sense any more, let those answer again who offered on what
    they got from somebody who left, and take the flag off where the owner is back: what had
    passed on stays where it is."""
    waiting = Takeover.objects.filter(state=State.WAITING)
    gone = Q(cause=Cause.OFFERED) & (
        Q(taker__disabled_at__isnull=False) | Q(taker__deleted_at__isnull=False)
    )
    sensible = Takeover.objects.waiting().exclude(gone)
    waiting.exclude(pk__in=sensible.values("pk")).update(state=State.OVER, closed_at=at)
    for account in islice(_offered_in_vain(), most):
        _wait_again(account.pk, at)
    for account in islice(_back(), most):
        _unflag(account.pk, at)


WAITS: Final = Exists(Takeover.objects.filter(account=OuterRef("pk"), state=State.WAITING))
OFFERED_ON: Final = Exists(
    Takeover.objects.filter(
        account=OuterRef("pk"), state=State.PASSED_ON, cause=Cause.LEFT, taker=OuterRef("owner")
    )
)
"""Whether the owner got it from somebody who left, and offered it on in place of an answer."""


def _offered_in_vain() -> Iterator[ServiceAccount]:
    flagged = ServiceAccount.objects.existing().filter(owner_left_at__isnull=False)
    return iter(flagged.filter(OFFERED_ON, ~WAITS, **OWNER_THERE))


@transaction.atomic
def _wait_again(account_id: UUID, at: datetime) -> None:
    rows = ServiceAccount.objects.existing().filter(pk=account_id)
    account = rows.select_for_update(of=("self",), skip_locked=True).first()
    waits = Takeover.objects.filter(account=account_id, state=State.WAITING)
    if account is not None and not waits.exists():
        wait_again(account, at)


def _back() -> Iterator[ServiceAccount]:
    """Whose turn to answer has still to come back is none of them."""
    flagged = ServiceAccount.objects.existing().filter(owner_left_at__isnull=False)
    return iter(flagged.filter(~WAITS, ~OFFERED_ON, **OWNER_THERE))


@transaction.atomic
def _unflag(account_id: UUID, at: datetime) -> None:
    rows = ServiceAccount.objects.filter(pk=account_id, owner_left_at__isnull=False)
    rows = rows.select_for_update(of=("self",), skip_locked=True).select_related("owner")
    account = rows.first()
    if account is None or account.owner is None or not account.owner.is_active:
        return
    ServiceAccount.objects.filter(pk=account_id).update(owner_left_at=None)
    detail = {"owner": account.owner.user_name}
    record("service_account.owner_back", by=SYSTEM, subject=account, detail=detail, at=at)
