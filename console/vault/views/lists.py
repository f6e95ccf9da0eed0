from __future__ import annotations

from typing import Any, Final

from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import StoredAccount, Vault
from accounts.vault import queries
from accounts.vault.local import queries as local
from accounts.vault.models import Kind, ShareRole, StoredAccountQuerySet, VaultKind
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, chosen_order, paginate, sort_url
from console.vault import shown
from console.vault.csv_list import CSV

ORDERS: Final = (Order("label", "label"), Order("changed", "changed_at"))
SEARCH_MAX_LENGTH: Final = 200


@requires(Permission.VAULT_OWN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """The accounts that one owns or has a share of; all of them by permission."""
    text, filters, now = _text(request), _filters(request), timezone.now()
    page = paginate(request, queries.for_list(_rows(request), now), orders=ORDERS, default="label")
    order, descending = chosen_order(request, ORDERS, "label")
    chips = _chips(request, text, filters)
    context = {
        "page": page,
        "export_url": downloads.url(request, "vault:export"),
        "rows": [
            {
                "item": item,
                "owners": shown.owners_of(item),
                "state": shown.state_of(item, now),
            }
            for item in page.rows
        ],
        "search": text,
        "filters": filters,
        "chips": chips,
        "keep": [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else [],
        "columns": {
            each.name: {
                "url": sort_url(request, each.name, order.name, descending),
                "direction": ("descending" if descending else "ascending") if each == order else "",
            }
            for each in ORDERS
        },
        "may_manage": may(request.user, Permission.VAULT_MANAGE),
        "may_open_all": may(request.user, Permission.VAULT_ALL_ACCESS),
        "sees_all": may(request.user, Permission.VAULT_VIEW_ALL),
        "narrowed": bool(chips),
    }
    return render(request, "vault/list.html", context)


@requires(Permission.VAULT_OWN)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    rows = queries.for_list(_rows(request), timezone.now())
    asked = downloads.asked(request, "q", "show", "kind", "vault")
    return downloads.csv_file(request, CSV, rows, asked)


def _text(request: ConsoleRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]


def _rows(request: ConsoleRequest) -> StoredAccountQuerySet:
    """The accounts that the filters of the address leave."""
    now, person, text = timezone.now(), request.user, _text(request)
    chosen = {each["name"]: each["value"] for each in _filters(request)}
    rows = StoredAccount.objects.visible_to(person)
    if text:
        columns = ("label", "application", "username", "collection")
        found = Q()
        for column in columns:
            found |= Q(**{f"{column}__icontains": text})
        rows = rows.filter(found)
    match chosen["show"]:
        case "deleted":
            rows = rows.exclude(deleted_at=None)
        case "mine":
            rows = rows.existing().shared_with(person, now, ShareRole.OWNER)
        case "orphaned":
            rows = rows.orphaned(now)
        case "due":
            rows = rows.existing().filter(rotation_due_at__lte=now)
        case _:
            rows = rows.existing()
    if chosen["kind"]:
        rows = rows.filter(kind=chosen["kind"])
    if chosen.get("vault"):
        rows = rows.filter(vault=chosen["vault"])
    return rows


def _filters(request: ConsoleRequest) -> list[dict[str, Any]]:
    """What the list can be narrowed to; what is not among the options narrows nothing."""
    offered: list[tuple[str, str, list[tuple[str, Any]]]] = [
        (
            "show",
            _("Show"),
            [
                ("", _("All accounts")),
                ("mine", _("Owned by me")),
                ("due", _("Password is due")),
                ("orphaned", _("Without an owner")),
                ("deleted", _("Deleted")),
            ],
        ),
        ("kind", _("Kind"), [("", _("All kinds")), *((k.value, k.label) for k in Kind)]),
    ]
    if shown.has_choice_of_vaults():
        theirs = Q(kind=VaultKind.CLOUD) | Q(pk__in=local.of(request.user).values("pk"))
        vaults = Vault.objects.filter(theirs).order_by("name").values_list("pk", "name")
        options = [("", _("All vaults")), *((str(pk), name) for pk, name in vaults)]
        offered.append(("vault", _("Vault"), options))
    found = []
    for name, label, options in offered:
        value = request.GET.get(name, "")
        found.append(
            {
                "name": name,
                "label": label,
                "value": value if value in dict(options) else "",
                "options": [{"value": key, "label": said} for key, said in options],
            }
        )
    return found


def _chips(
    request: ConsoleRequest, text: str, filters: list[dict[str, Any]]
) -> list[dict[str, str]]:
    chips = []
    if text:
        label = _("Search: %(text)s") % {"text": text}
        chips.append({"label": label, "remove_url": address(request, q="", after="", before="")})
    for each in filters:
        if each["value"]:
            said = next(o["label"] for o in each["options"] if o["value"] == each["value"])
            url = address(request, **{each["name"]: ""}, after="", before="")
            chips.append({"label": str(said), "remove_url": url})
    return chips
