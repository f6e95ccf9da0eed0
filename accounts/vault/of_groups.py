"""What groups give their members of stored accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.groups.giving import Gift
from accounts.groups.models import Group
from accounts.lib.errors import DomainError
from accounts.vault.models import Share, ShareRole, StoredAccount
from accounts.vault.sharing import told

MOST_NAMED: Final = 10
"""Of the stored accounts that stand in the way."""


class OnlyOwner(DomainError):
    """Stored accounts are owned by the group alone."""

    code = "group_is_only_owner"

    def __init__(self, labels: Sequence[str]) -> None:
        message = _(
            "It alone owns these stored accounts: %(names)s. One of its members names another "
            "owner of each first."
        )
        named = [*labels[:MOST_NAMED], *(["…"] if len(labels) > MOST_NAMED else [])]
        super().__init__(message % {"names": ", ".join(named)})


def gives(group: Group) -> bool:
    return Share.objects.filter(group=group).exists()


def take_back(by: Actor, group: Group, at: datetime) -> None:
    """End what the group has of stored accounts; the caller holds the lock of its row.

    Raises:
        OnlyOwner: nobody else who can sign in would own one of them.
    """
    theirs = Share.objects.filter(group=group)
    rows = StoredAccount.objects.select_for_update(of=("self",)).order_by("pk")
    items = list(rows.filter(pk__in=theirs.values("item_id")))
    held = Share.objects.held_by_somebody(at).filter(role=ShareRole.OWNER, item__in=items)
    by_it = set(held.filter(group=group).values_list("item_id", flat=True))
    alone = by_it - set(held.exclude(group=group).values_list("item_id", flat=True))
    if alone:
        raise OnlyOwner(sorted(item.label for item in items if item.pk in alone))
    ended = [
        (share.item, told(share))
        for share in theirs.select_related("item", "identity", "group").order_by("item_id")
    ]
    theirs.delete()  # before the events: who ends shares that ran out holds these rows, too
    for item, before in ended:
        facts: dict[str, Any] = {"before": before, "detail": {"group_deleted": True}, "at": at}
        record("stored_account.unshared", by=by, subject=item, **facts)


GIFT: Final = Gift(gives=gives, take_back=take_back)
