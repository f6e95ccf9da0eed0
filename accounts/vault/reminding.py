"""Owners are told that a stored password is due: written with the note of it, mailed later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.groups.models import Membership
from accounts.identities.models import Identity
from accounts.letters import queue
from accounts.vault.letters import VaultLetter
from accounts.vault.models import Share, ShareRole, StoredAccount, StoredAccountQuerySet

AGAIN_AFTER: Final = timedelta(days=7)
"""A password that is still the same is mentioned once more after that."""


def remind(*, at: datetime, most: int = 200) -> int:
    """Write to the owners of accounts whose password is due; answers of how many accounts."""
    not_lately = Q(reminded_at=None) | Q(reminded_at__lte=at - AGAIN_AFTER)
    rows = StoredAccount.objects.existing().filter(not_lately, rotation_due_at__lte=at)
    with transaction.atomic():
        locked = rows.select_for_update(of=("self",), skip_locked=True)
        items = list(locked.order_by("rotation_due_at", "pk")[:most])
        for item in items:
            item.reminded_at = at
            item.save(update_fields=["reminded_at"])
            due = {"due_at": str(item.rotation_due_at)}
            record("stored_account.reminded", by=SYSTEM, subject=item, detail=due, at=at)
        VaultLetter.objects.bulk_create(
            [
                VaultLetter(recipient=owner, written_at=at, next_try_at=at)
                for owner in _owners(items, at)
            ],
            ignore_conflicts=True,  # one that was not tried yet tells of these as well
        )
    return len(items)


def due_for(person: Identity, now: datetime) -> StoredAccountQuerySet:
    """The accounts of an owner whose password is due."""
    owned = StoredAccount.objects.existing().shared_with(person, now, ShareRole.OWNER)
    return owned.filter(rotation_due_at__lte=now)


def take(letter_id: int, *, at: datetime) -> VaultLetter | None:
    """A letter that is due, for whoever sends it; None where another has it, or it is needless."""
    return queue.take(
        VaultLetter,
        letter_id,
        at=at,
        is_needless=lambda letter: not due_for(letter.recipient, at).exists(),
    )


def _owners(items: list[StoredAccount], at: datetime) -> list[Identity]:
    """People who own any of these, by themselves or by a group."""
    shares = Share.objects.current(at).filter(item__in=items, role=ShareRole.OWNER)
    members = Membership.objects.current(at).filter(group__in=shares.values("group_id"))
    able = Identity.objects.active().people()
    owning = Q(pk__in=shares.values("identity_id")) | Q(pk__in=members.values("identity_id"))
    return list(able.filter(owning).order_by("pk"))
