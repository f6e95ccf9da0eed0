"""Who has a part in a stored account, and that one who can sign in always owns it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.groups.actions import GroupGone
from accounts.groups.models import Group
from accounts.identities.locking import lock as lock_identity
from accounts.identities.models import Identity
from accounts.identities.policies import check_not_oneself
from accounts.lib.errors import DomainError
from accounts.roles.assigning import check_until
from accounts.vault import policies
from accounts.vault.actions import ItemGone, TooMany
from accounts.vault.all_access.actions import tell_owners
from accounts.vault.all_access.policies import covers
from accounts.vault.models import Share, ShareRole, StoredAccount

MOST_SHARES: Final = 200
"""Of one account."""


class LastOwner(DomainError):
    """Nobody who can sign in would own the account."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__(
            _("Somebody who can sign in must own this account for good. Name another owner first.")
        )


class NotAPerson(DomainError):
    """Accounts are shared with people and groups, and not with service accounts."""

    code = "not_a_person"

    def __init__(self) -> None:
        message = _("Choose a person who can sign in, or a group.")
        super().__init__(message, field="identity")


class OwnsForAWhile(DomainError):
    """Whoever owns the account until some day gives no more than that, and ousts no owner."""

    code = "owns_for_a_while"

    def __init__(self, until: datetime) -> None:
        message = _(
            "You own this account for a while only. Until then you can share it with "
            "collaborators, who have it no longer than you do; owners are for others to name and "
            "to remove."
        )
        super().__init__(message)
        self.until = until


class NotInVault(DomainError):
    """Accounts in a local vault are for its members, who have its key."""

    code = "not_in_local_vault"

    def __init__(self) -> None:
        message = _("This account is in a local vault: share it with a member of that vault.")
        super().__init__(message, field="person")


class HasOwner(DomainError):
    """Somebody who can sign in owns the account: it is theirs to share."""

    code = "has_owner"

    def __init__(self) -> None:
        super().__init__(_("Somebody who can sign in owns this account: ask them to share it."))


@transaction.atomic
def share(
    *,
    by: Actor,
    item: StoredAccount,
    holder: Identity | Group,
    role: ShareRole,
    until: datetime | None = None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> Share:
    """Give a person or a group a part in an account, or another one than they have.

    `detail` goes into the event beside the rest, such as the request that it was granted by.

    Raises:
        NotAllowed, ItemGone, IdentityGone, GroupGone, NotAPerson, TooMany
        EndsInThePast: `field` names it.
        LastOwner: it would be owned by nobody.
        OwnsForAWhile: `by` owns it until a time, and this goes further.
        NotInVault: it is in a local vault, and they are no member of that.
    """
    policies.check_may_change(by, item, at)
    check_until(until, at)
    named = _locked_holder(holder)
    current = _lock(by, item, at)
    end = policies.owned_until(by, current, at)
    if end is not None and (role == ShareRole.OWNER or until is None or until > end):
        raise OwnsForAWhile(end)
    if end is not None and _share_of(current, named, role=ShareRole.OWNER) is not None:
        raise OwnsForAWhile(end)
    return _put(by, current, named, role, until, at, detail)


@transaction.atomic
def unshare(*, by: Actor, item: StoredAccount, share: Share, at: datetime) -> bool:
    """Take a part in an account away; answers whether there was one. Whoever may see it can
    give their own part up.

    Raises:
        NotAllowed, ItemGone, LastOwner
        OwnsForAWhile: `by` owns it until a time, and the share is of an owner.
    """
    is_own = by.actor_id == str(share.identity_id) and share.item_id == item.pk
    if not is_own:
        policies.check_may_change(by, item, at)
    current = _row(item)
    if not is_own:
        policies.check_may_change(by, current, at)
    found = Share.objects.select_related("identity", "group").filter(pk=share.pk, item=current)
    gone = found.first()
    if gone is None:
        return False
    before, was_owner = told(gone), gone.role == ShareRole.OWNER
    end = policies.owned_until(by, current, at)
    if was_owner and not is_own and end is not None:
        raise OwnsForAWhile(end)
    gone.delete()
    if was_owner:
        _check_owned(current, at)
    record("stored_account.unshared", by=by, subject=current, before=before, at=at)
    return True


@transaction.atomic
def give_owner(*, by: Actor, item: StoredAccount, owner: Identity, at: datetime) -> Share:
    """Name an owner for an account that nobody who can sign in owns; in All-Access Mode for any.

    Then those of before own it no more, are collaborators, and are told by mail.

    Raises:
        NotAllowed: it is for administrators.
        OwnLevels: nobody names themselves in All-Access Mode.
        ItemGone, IdentityGone, NotAPerson
        HasOwner: it is the owners' to share.
        NotInVault: it is in a local vault, and they are no member of that.
    """
    policies.check_may_manage(by)
    named = _locked_holder(owner)
    current = _row(item)
    if current.deleted_at is not None:
        raise ItemGone
    if not StoredAccount.objects.orphaned(at).filter(pk=current.pk).exists():
        return _reassign(by, current, named, at)
    return _put(by, current, named, ShareRole.OWNER, None, at, {"was_orphaned": True})


def _reassign(by: Actor, item: StoredAccount, named: Identity | Group, at: datetime) -> Share:
    period = covers(by, item, at)
    if period is None:
        raise HasOwner
    if isinstance(named, Identity):
        check_not_oneself(by, named)
    tell_owners(by=by, item=item, period=period, what=_("named another owner"), at=at)
    detail = {"all_access": str(period.pk)}
    made = _put(by, item, named, ShareRole.OWNER, None, at, detail)
    before = Share.objects.select_related("identity", "group").filter(item=item)
    for each in before.filter(role=ShareRole.OWNER).exclude(pk=made.pk):
        had, each.role = told(each), ShareRole.COLLABORATOR
        each.save(update_fields=["role"])
        facts: dict[str, Any] = {"before": had, "after": told(each), "detail": detail}
        record("stored_account.share_changed", by=by, subject=item, **facts, at=at)
    return made


def end_expired(*, at: datetime, most: int = 1000) -> int:
    """Remove shares that have run out, with an event each; answers how many."""
    with transaction.atomic():
        found = Share.objects.filter(until__lte=at).select_for_update(
            of=("self",), skip_locked=True
        )
        ended = list(found.select_related("item", "identity", "group").order_by("until")[:most])
        for each in ended:
            facts: dict[str, Any] = {"before": told(each), "at": at}
            record("stored_account.share_ended", by=SYSTEM, subject=each.item, **facts)
            each.delete()
    return len(ended)


def _put(
    by: Actor,
    item: StoredAccount,
    holder: Identity | Group,
    role: ShareRole,
    until: datetime | None,
    at: datetime,
    detail: Mapping[str, Any] | None,
) -> Share:
    _check_has_key(item, holder)
    found = _share_of(item, holder)
    if found is not None and (found.role, found.until) == (role, until):
        return found
    if found is None and item.shares.count() >= MOST_SHARES:
        message = _("It is shared %(most)d times. Take one away, or share it with a group.")
        raise TooMany(message % {"most": MOST_SHARES})
    before = told(found) if found else None
    was_owner = found is not None and found.role == ShareRole.OWNER
    made = found or Share(item=item, added_at=at, **_whose(holder))
    made.role, made.until, made.added_by = role, until, by.label[:200]
    made.save()
    if was_owner:
        _check_owned(item, at)
    act = "stored_account.shared" if before is None else "stored_account.share_changed"
    facts: dict[str, Any] = {"before": before, "after": told(made), "detail": detail, "at": at}
    record(act, by=by, subject=item, **facts)
    return made


def _check_has_key(item: StoredAccount, holder: Identity | Group) -> None:
    if not item.vault.is_local:
        return
    members = item.vault.local_members
    if not isinstance(holder, Identity) or not members.filter(identity=holder).exists():
        raise NotInVault


def _whose(holder: Identity | Group) -> dict[str, Any]:
    return {"identity": holder} if isinstance(holder, Identity) else {"group": holder}


def _share_of(item: StoredAccount, holder: Identity | Group, **which: Any) -> Share | None:
    rows = Share.objects.select_related("identity", "group")
    return rows.filter(item=item, **_whose(holder), **which).first()


def _check_owned(item: StoredAccount, at: datetime) -> None:
    owners = Share.objects.held_by_somebody(at).filter(item=item, role=ShareRole.OWNER)
    if not owners.exists():
        raise LastOwner


def _locked_holder(holder: Identity | Group) -> Identity | Group:
    if isinstance(holder, Group):
        rows = Group.objects.select_for_update(of=("self",), no_key=True)
        group = rows.filter(pk=holder.pk).first()
        if group is None:
            raise GroupGone
        return group
    person = lock_identity(holder)
    if not person.is_person or not person.is_active:
        raise NotAPerson
    return person


def _row(item: StoredAccount) -> StoredAccount:
    found = StoredAccount.objects.select_for_update(of=("self",)).filter(pk=item.pk).first()
    if found is None:
        raise ItemGone
    return found


def _lock(by: Actor, item: StoredAccount, at: datetime) -> StoredAccount:
    found = _row(item)
    policies.check_may_change(by, found, at)
    if found.deleted_at is not None:
        raise ItemGone
    return found


def told(share: Share) -> dict[str, Any]:
    """A share as the audit log keeps it."""
    return {
        "with": share.label,
        "with_kind": "person" if share.identity_id else "group",
        "role": str(share.role),
        "until": share.until.isoformat() if share.until else None,
    }
