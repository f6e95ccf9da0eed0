from __future__ import annotations

from datetime import datetime

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities.models import Identity
from accounts.vault.actions import ItemGone
from accounts.vault.models import StoredAccount
from accounts.vault.policies import check_may_change, role_of


def check_may_read(by: Actor, item: StoredAccount, now: datetime) -> Identity:
    """Raises NotAllowed: what arrives is for people who own the account or have a share of it;
    whoever sees all accounts by permission does not read it, nor does a program."""
    if not isinstance(by, Identity) or role_of(by, item, now) is None:
        raise NotAllowed(Permission.VAULT_OWN)
    return by


def locked(by: Actor, item: StoredAccount, at: datetime) -> StoredAccount:
    """The row as it stands, locked, of which `by` is still an owner.

    Raises:
        NotAllowed, ItemGone
    """
    check_may_change(by, item, at)
    rows = StoredAccount.objects.select_for_update(of=("self",))
    found = rows.filter(pk=item.pk, deleted_at=None).first()
    if found is None:
        raise ItemGone
    check_may_change(by, found, at)
    return found
