"""Stored accounts as the pages show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import StoredAccount, Vault
from accounts.vault import policies, queries
from accounts.vault.all_access.policies import covers
from accounts.vault.models import ShareRole
from console.ui.access import ConsoleRequest, refuse


def load(request: ConsoleRequest, item_id: UUID) -> StoredAccount:
    rows = queries.for_list(StoredAccount.objects.visible_to(request.user), timezone.now())
    return get_object_or_404(rows, pk=item_id)


def load_own(request: ConsoleRequest, item_id: UUID) -> StoredAccount:
    """One that this person owns; who sees it without owning it gets 403."""
    item = load(request, item_id)
    if not policies.may_change(request.user, item, timezone.now()):
        told = _("Only an owner of this account may do that. Ask one of them.")
        refuse(request, Permission.VAULT_OWN, told=told)
    return item


def load_to_reveal(request: ConsoleRequest, item_id: UUID) -> StoredAccount:
    """One whose password this person may have: an own one, or any in All-Access Mode."""
    item = load(request, item_id)
    if covers(request.user, item, timezone.now()):
        return item
    return load_own(request, item_id)


def frame(request: ConsoleRequest, item: StoredAccount, current: str) -> dict[str, Any]:
    """What stands on each page of one account."""
    now = timezone.now()
    role = policies.role_of(request.user, item, now)
    period = None if role == ShareRole.OWNER else covers(request.user, item, now)
    is_orphaned = getattr(item, "is_orphaned", False)
    named = [("detail", _("General")), ("settings", _("Settings")), ("inbox", _("Inbox"))]
    if may(request.user, Permission.AUDIT_VIEW):
        named.append(("activity", _("Activity")))
    return {
        "item": item,
        "state": state_of(item, now),
        "is_owner": role == ShareRole.OWNER,
        "has_part": role is not None,
        "opens_all": role != ShareRole.OWNER and bool(period),
        "owners": owners_of(item),
        "gives_owner": (is_orphaned or bool(period)) and policies.may_give_owner(request.user),
        "tabs": [
            {
                "label": label,
                "url": reverse(f"vault:{view}", args=[item.pk]),
                "current": view == current,
                "count": None,
            }
            for view, label in named
        ],
    }


def owners_of(item: StoredAccount) -> str:
    """The names of its owners; `item` comes from `queries.for_list`."""
    return ", ".join(share.name for share in getattr(item, "owner_shares", ()))


def state_of(item: StoredAccount, now: datetime) -> str:
    """What cannot wait about an account, the most urgent first; empty where it is all right."""
    if item.deleted_at is not None:
        return "deleted"
    if getattr(item, "is_orphaned", False):
        return "no_owner"
    if item.rotation_due_at is not None and item.rotation_due_at <= now:
        return "password_due"
    return "" if getattr(item, "has_password", True) else "no_password"


def has_choice_of_vaults() -> bool:
    """With one vault there is nothing to choose, and no field to choose it in."""
    return Vault.objects.count() > 1
