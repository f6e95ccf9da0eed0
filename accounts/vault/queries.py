from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from accounts.groups.models import Group
from accounts.identities.models import Identity
from accounts.vault.local.models import LocalSecret
from accounts.vault.models import (
    SecretName,
    Share,
    ShareRole,
    StoredAccount,
    StoredAccountQuerySet,
    StoredPassword,
    VaultKind,
)


def for_list(rows: StoredAccountQuerySet, now: datetime) -> StoredAccountQuerySet:
    """With what a list shows: vault, owners, and `has_password` and `is_orphaned`."""
    owners = Share.objects.current(now).filter(role=ShareRole.OWNER)
    owners = owners.select_related("identity", "group").order_by("added_at", "pk")
    alive = Share.objects.held_by_somebody(now).filter(role=ShareRole.OWNER, item=OuterRef("pk"))
    in_force = StoredPassword.objects.filter(item=OuterRef("pk"), replaced_at=None)
    local = LocalSecret.objects.filter(
        item=OuterRef("pk"), name=SecretName.PASSWORD, replaced_at=None
    )
    return (
        rows.select_related("vault")
        .prefetch_related(Prefetch("shares", queryset=owners, to_attr="owner_shares"))
        .annotate(has_password=Exists(in_force) | Exists(local), is_orphaned=~Exists(alive))
    )


def shares_of(item: StoredAccount, now: datetime) -> QuerySet[Share]:
    """Owners first."""
    rows = Share.objects.current(now).filter(item=item).select_related("identity", "group")
    return rows.order_by("-role", "added_at", "pk")


def history_of(item: StoredAccount) -> QuerySet[StoredPassword]:
    """Replaced passwords, the newest first; without what they are."""
    rows = StoredPassword.objects.filter(item=item).exclude(replaced_at=None)
    return rows.defer("blob").order_by("-replaced_at", "-set_at", "pk")


def requestable() -> StoredAccountQuerySet:
    """Those of local vaults are not: whoever gets a share has to have the key."""
    rows = StoredAccount.objects.existing().filter(may_be_requested=True)
    return rows.filter(vault__kind=VaultKind.CLOUD)


def shares_given_by(group: Group, now: datetime) -> dict[ShareRole, int]:
    """How many stored accounts whoever belongs to a group has a part in, by what part it is."""
    shares = Share.objects.current(now).filter(group=group, item__deleted_at=None)
    counted = Counter(shares.values_list("role", flat=True))
    return {role: counted[role] for role in ShareRole if counted[role]}


def deciding_owner(item: StoredAccount, *, but: Collection[UUID], now: datetime) -> Identity | None:
    """The owner who decides about a request for a share: of those who can, the first.

    Where only groups own it, a group's manager, else a member, decides. `but` never do.
    """
    able = Identity.objects.active().registered().people().exclude(pk__in=but)
    shares = Share.objects.held_by_somebody(now).filter(item=item, role=ShareRole.OWNER)
    for share in shares.select_related("group").order_by("added_at", "pk"):
        if share.group is None:
            found = able.filter(vault_shares=share).first()
        else:
            members = able.filter(memberships__in=share.group.memberships.current(now))
            manager = members.filter(managed_groups=share.group).first()
            found = manager or members.order_by("display_name", "pk").first()
        if found is not None:
            return found
    return None
