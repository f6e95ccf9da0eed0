from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.inbox import mailboxes
from accounts.lib.errors import DomainError
from accounts.models import Authenticator, StoredAccount, StoredPassword
from accounts.sealing import SealBroken
from accounts.vault import actions, checklist, queries, secrets
from accounts.vault.all_access import actions as all_access
from accounts.vault.local.queries import earlier_passwords
from console.ui import events
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, paginate
from console.vault import local, shown

ACTIVITY_ORDERS: Final = (Order("at", "at"),)


@requires(Permission.VAULT_OWN)
@require_safe
def detail(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load(request, item_id)
    context = shown.frame(request, item, "detail")
    if context["opens_all"]:
        all_access.note_opened(by=request.user, item=item, at=timezone.now())
    context |= {
        "facts": _facts(item, context["owners"]),
        "password": StoredPassword.objects.filter(item=item, replaced_at=None)
        .defer("blob")
        .first(),
    }
    if context["has_part"] or context["opens_all"]:
        steps = checklist.of(item)
        context |= {
            "steps": steps,
            "mailbox": mailboxes.of(item),
            "left": checklist.left(steps),
        }
    if item.vault.is_local:
        context["local"] = local.about(request, item, is_owner=context["is_owner"])
        return render(request, "vault/detail.html", context)
    if context["has_part"] or context["opens_all"]:
        context |= _sealed_texts(item)
    if context["is_owner"]:
        context |= {
            "authenticator": Authenticator.objects.defer("blob").filter(item=item).first(),
            "backup_codes": item.backup_codes.defer("blob").order_by("position"),
        }
    return render(request, "vault/detail.html", context)


@requires(Permission.VAULT_OWN)
@require_safe
def settings(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item, now = shown.load(request, item_id), timezone.now()
    context = shown.frame(request, item, "settings")
    context |= {
        "shares": [
            {"share": share, "is_own": share.identity_id == request.user.pk}
            for share in queries.shares_of(item, now)
        ],
        "history": _history(item) if context["is_owner"] else [],
        "facts": _rules(item),
    }
    return render(request, "vault/settings.html", context)


@requires(Permission.AUDIT_VIEW)
@require_safe
def activity(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load(request, item_id)
    found = audit.about(item.audit_type, item.pk)
    page = paginate(request, found, orders=ACTIVITY_ORDERS, default="-at")
    lines = events.lines(page.rows, person=request.user)
    context = shown.frame(request, item, "activity") | {"page": page, "lines": lines}
    return render(request, "vault/activity.html", context)


@requires(Permission.VAULT_OWN)
@require_POST
def set_up(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    """Note that the account exists in its application."""
    item = shown.load_own(request, item_id)
    try:
        actions.confirm_set_up(by=request.user, item=item, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Noted: the account exists in its application."))
    return redirect("vault:detail", item.pk)


def _history(item: StoredAccount) -> QuerySet[Any]:
    if item.vault.is_local:
        return earlier_passwords(item)
    return queries.history_of(item)


def _facts(item: StoredAccount, owners: str) -> list[dict[str, Any]]:
    application: dict[str, Any] = {"label": _("Application"), "value": item.application}
    if item.url:
        application["url"] = item.url
    username: dict[str, Any] = {"label": _("Username"), "value": item.username or _("None")}
    if item.username:
        username |= {"copy": True, "copy_label": _("Copy the username")}
    return [
        application,
        username,
        {"label": _("Kind"), "value": item.get_kind_display()},
        {"label": _("Owners"), "value": owners or _("Nobody")},
        {"label": _("Vault"), "value": item.vault.name},
        {"label": _("Collection"), "value": item.collection or _("None")},
        {"label": _("Added by"), "value": item.created_by},
        {"label": _("Added"), "at": item.created_at, "exact": True},
    ]


def _rules(item: StoredAccount) -> list[dict[str, Any]]:
    days = item.rotate_every_days
    every = _("Every %(days)d days") % {"days": days} if days else _("Never")
    return [
        {"label": _("Replace the password"), "value": every},
        {"label": _("Next due"), "at": item.rotation_due_at, "missing": _("Not due")},
        {"label": _("May be requested"), "value": _("Yes") if item.may_be_requested else _("No")},
    ]


def _sealed_texts(item: StoredAccount) -> dict[str, Any]:
    """Notes and custom fields; what does not open is said to be so."""
    try:
        return {
            "notes": secrets.text(item, secrets.NOTES),
            "custom": [
                {
                    "label": each["name"],
                    "value": each["value"],
                    **({"url": each["value"]} if each["type"] == "url" and each["value"] else {}),
                }
                for each in secrets.custom_fields(item)
            ],
        }
    except SealBroken:
        return {"broken": True}
