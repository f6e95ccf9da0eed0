"""Messages: the list of all that somebody may read, and each one's page."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.inbox import actions, queries
from accounts.inbox.models import MessageKind, MessageQuerySet
from accounts.lib.errors import DomainError
from accounts.models import ReceivedMessage, StoredAccount, Vault
from accounts.sealing import SealBroken
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.lists import Order, address, paginate
from console.ui.once import never_stored

ORDERS: Final = (Order("received", "received_at"),)
MOST_OPTIONS: Final = 200
"""Of one filter; what is not among them is found on the page of its account."""


@requires(Permission.VAULT_OWN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """What arrived for the accounts that one owns or has a share of."""
    filters = _filters(request)
    rows = _rows(request, filters)
    page = paginate(request, rows, orders=ORDERS, default="-received")
    chips = [_chip(request, each) for each in filters if each["value"]]
    context = {
        "page": page,
        "rows": [queries.glance(each) for each in page.rows],
        "filters": filters,
        "chips": chips,
        "narrowed": bool(chips),
    }
    return render(request, "inbox/list.html", context)


@requires(Permission.VAULT_OWN)
@require_safe
def message(request: ConsoleRequest, message_id: UUID) -> HttpResponse:
    """What is known of a message without looking at it."""
    row = queries.glance(_load(request, message_id))
    return render(request, "inbox/message.html", {"row": row, "facts": _facts(row)})


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def show(request: ConsoleRequest, message_id: UUID) -> HttpResponse:
    """The one answer that holds the message; the event of it is written before."""
    found, now = _load(request, message_id), timezone.now()
    row = queries.glance(found)
    try:
        shown = actions.show(by=request.user, message=found, at=now)
    except DomainError as error:
        messages.info(request, error.message)
        return redirect("inbox:list")
    except SealBroken:
        said = _("This message cannot be opened here: the key that sealed it is missing.")
        messages.error(request, said)
        return redirect("inbox:message", found.pk)
    context = {
        "row": row,
        "facts": _facts(row),
        "subject": shown.subject.take(),
        "text": shown.text.take(),
        "code": shown.code.take() if shown.code else "",
        "attachments": shown.attachments,
        "is_cut": shown.is_cut,
    }
    return never_stored(render(request, "inbox/shown.html", context))


def _load(request: ConsoleRequest, message_id: UUID) -> ReceivedMessage:
    return get_object_or_404(queries.for_list(request.user), pk=message_id)


def _facts(row: queries.Glance) -> list[dict[str, Any]]:
    found = row.message
    is_mail = found.kind == MessageKind.MAIL
    return [
        {"label": _("Says to be from"), "value": row.sender or _("Nobody")},
        {"label": _("To"), "value": found.recipient, "copy": True, "copy_label": _("Copy")},
        {"label": _("Received"), "at": found.received_at, "exact": True},
        {"label": _("Kind"), "value": found.get_kind_display()},
        *([{"label": _("First looked at"), "at": found.read_at}] if found.read_at else []),
        *([{"label": _("Size"), "value": _size(found.size_bytes)}] if is_mail else []),
    ]


def _size(count: int) -> str:
    return _("%(kib)d KiB") % {"kib": max(1, round(count / 1024))}


def _rows(request: ConsoleRequest, filters: list[dict[str, Any]]) -> MessageQuerySet:
    """The messages that the filters of the address leave."""
    chosen = {each["name"]: each["value"] for each in filters}
    rows = queries.for_list(request.user)
    columns = {
        "account": "item",
        "app": "item__application",
        "vault": "item__vault",
        "collection": "item__collection",
        "kind": "kind",
    }
    for name, column in columns.items():
        if chosen.get(name):
            rows = rows.filter(**{column: chosen[name]})
    if chosen.get("holds") == "code":
        rows = rows.filter(has_code=True)
    return rows


def _filters(request: ConsoleRequest) -> list[dict[str, Any]]:
    """What the list can be narrowed to; what is not among the options narrows nothing."""
    own = StoredAccount.objects.existing().shared_with(request.user, timezone.now())
    items = list(
        own.order_by("label", "pk").values_list(
            "pk", "label", "application", "collection", "vault_id"
        )[:MOST_OPTIONS]
    )
    vaults = Vault.objects.filter(pk__in={each[4] for each in items}).order_by("name", "pk")
    offered: list[tuple[str, str, list[tuple[str, Any]]]] = [
        ("account", _("All accounts"), [(str(each[0]), each[1]) for each in items]),
        ("app", _("All applications"), _each({each[2] for each in items})),
        ("vault", _("All vaults"), [(str(each.pk), each.name) for each in vaults]),
        ("collection", _("All collections"), _each({each[3] for each in items} - {""})),
        ("kind", _("All kinds"), [(each.value, each.label) for each in MessageKind]),
        ("holds", _("With and without a code"), [("code", _("With a code"))]),
    ]
    found = []
    for name, everything, options in offered:
        value = request.GET.get(name, "")
        if len(options) < 2 and name in {"vault", "collection"} and value not in dict(options):
            continue
        found.append(
            {
                "name": name,
                "label": everything,
                "value": value if value in dict(options) else "",
                "options": [
                    {"value": key, "label": said} for key, said in [("", everything), *options]
                ],
            }
        )
    return found


def _each(names: set[str]) -> list[tuple[str, Any]]:
    return [(name, name) for name in sorted(names)]


def _chip(request: ConsoleRequest, each: dict[str, Any]) -> dict[str, str]:
    said = next(o["label"] for o in each["options"] if o["value"] == each["value"])
    url = address(request, **{each["name"]: ""}, after="", before="")
    return {"label": str(said), "remove_url": url}
