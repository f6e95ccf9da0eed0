"""The manager of a service account's identity: its owner, unless somebody chose another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.identities.policies import not_edited_by_hand
from accounts.service_accounts.models import ServiceAccount


def follow_owner(
    *,
    by: Actor,
    before: Sequence[ServiceAccount],
    keep: bool,  # noqa: ARG001  all that follow are called alike
    at: datetime,
) -> None:
    """Where the owner before was the manager, the new one is; in the transaction of the change.

    What a mapping says stays: it would be written again anyway.
    """
    owners = {account.pk: account.owner_id for account in before if account.owner_id is not None}
    rows = ServiceAccount.objects.filter(pk__in=owners, identity__manager__in=owners.values())
    for account in rows.select_related("identity__manager", "owner").order_by("pk"):
        identity, old = account.identity, account.identity.manager
        if old is None or old.pk != owners[account.pk] or account.owner_id == old.pk:
            continue
        if "manager" in not_edited_by_hand(identity):
            continue
        Identity.objects.get_queryset().filter(pk=identity.pk).update(
            manager=account.owner, changed_at=at
        )
        record(
            "identity.manager_set",
            by=by,
            subject=identity,
            before={"manager": old.user_name},
            after={"manager": account.owner.user_name if account.owner else None},
            at=at,
        )
