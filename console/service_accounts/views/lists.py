from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Identity
from accounts.service_accounts import actions, policies, queries
from accounts.service_accounts.models import ServiceAccountQuerySet
from accounts.service_accounts.states import StatusFilter
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, Page, address, paginate, sort_url
from tokens.service_accounts import queries as with_tokens
from tokens.service_accounts.csv_list import CSV
from tokens.service_accounts.queries import Row, Wanted

ORDERS: Final = (Order("name", "sort_name"), Order("created", "created_at"))
"""Both have an index; an order by what other tables say would read them all."""
NO_ID: Final = UUID(int=0)
SEARCH_MAX_LENGTH: Final = 200
OWNERS_IN_FILTER: Final = 200
SELECTED_MAX: Final = 200
"""Accounts disabled at once; a page has 50."""
ABOUT_OWNERS: Final = (StatusFilter.NO_OWNER, StatusFilter.OWNER_LEFT)
FILTER_NAMES: Final = ("q", "status", "owner", "expiring", "unused")


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    now = timezone.now()
    wanted = wanted_by(request)
    page = paginate(request, _rows(request, wanted, now), orders=ORDERS, default="name")
    context = _frame(request, wanted) | _results(request, page, now)
    # an empty tenant has nothing to search or export, and its one button stands in the middle
    context["listing"] = bool(context["rows"] or context["chips"])
    whole = not request.htmx or request.htmx.history_restore_request  # type: ignore[attr-defined]
    name = "list.html" if whole else "_live_list.html"
    return render(request, f"service_accounts/{name}", context)


def wanted_by(request: HttpRequest) -> Wanted:
    """The filters of the address; what makes no sense is as if it were not there."""
    asked = request.GET
    status = asked.get("status", "")
    return Wanted(
        text=asked.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH],
        status=status if status in StatusFilter.values else "",
        owner_id=_uuid(asked.get("owner", "")),
        expiring=asked.get("expiring") == "30",
        unused=asked.get("unused") == "90",
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _rows(request: ConsoleRequest, wanted: Wanted, now: datetime) -> ServiceAccountQuerySet:
    rows = queries.visible_to(request.user).with_sort_name()
    return with_tokens.narrow(rows, wanted, now)


def _frame(request: ConsoleRequest, wanted: Wanted) -> dict[str, Any]:
    """What stands around the table."""
    sees_all = may(request.user, Permission.SERVICE_ACCOUNT_VIEW_ALL)
    owners = _owners(wanted) if sees_all else []
    return {
        "sees_all": sees_all,
        "may_manage": policies.may_manage(request.user),
        "may_export": may(request.user, Permission.SERVICE_ACCOUNT_EXPORT),
        "export_url": _export_url(request),
        "search": wanted.text,
        "filters": _filters(wanted, owners, sees_all=sees_all),
        "chips": _chips(request, wanted, owners),
        "clear_url": address(request, **dict.fromkeys((*FILTER_NAMES, "after", "before"), "")),
        "keep": [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else [],
    }


def _export_url(request: HttpRequest) -> str:
    query = address(request, after="", before="").partition("?")[2]
    return reverse("service_accounts:export") + (f"?{query}" if query else "")


def _owners(wanted: Wanted) -> list[Identity]:
    """Those to choose from; the chosen one also where there are too many to list."""
    owners = list(queries.owners(limit=OWNERS_IN_FILTER))
    if wanted.owner_id and all(owner.pk != wanted.owner_id for owner in owners):
        owners += Identity.objects.people().filter(pk=wanted.owner_id)
    return owners


def _filters(wanted: Wanted, owners: list[Identity], *, sees_all: bool) -> list[dict[str, Any]]:
    statuses = [s for s in StatusFilter if sees_all or s not in ABOUT_OWNERS]
    filters = [
        _filter("status", _("Status"), wanted.status, _("Any status"), _choices(statuses)),
        _filter(
            "expiring",
            _("Key expiry"),
            "30" if wanted.expiring else "",
            _("Any key expiry"),
            [("30", _("Key ends within 30 days"))],
        ),
        _filter(
            "unused",
            _("Use"),
            "90" if wanted.unused else "",
            _("Any use"),
            [("90", _("Unused for 90 days"))],
        ),
    ]
    if sees_all:
        people = [(str(owner.pk), owner.display_name) for owner in owners]
        chosen = str(wanted.owner_id or "")
        filters.insert(1, _filter("owner", _("Owner"), chosen, _("Any owner"), people))
    return filters


def _choices(statuses: list[StatusFilter]) -> list[tuple[str, str]]:
    return [(status.value, str(status.label)) for status in statuses]


def _filter(
    name: str, label: str, value: str, anything: str, options: list[tuple[str, str]]
) -> dict[str, Any]:
    listed = [{"value": v, "label": text} for v, text in [("", anything), *options]]
    return {"name": name, "label": label, "value": value, "options": listed}


def _chips(request: HttpRequest, wanted: Wanted, owners: list[Identity]) -> list[dict[str, str]]:
    """What narrows the list now, each with the address without it."""
    said: dict[str, str] = {}
    if wanted.text:
        said["q"] = _("Search: %(text)s") % {"text": wanted.text}
    if wanted.status:
        said["status"] = str(StatusFilter(wanted.status).label)
    if wanted.owner_id:
        name = next((o.display_name for o in owners if o.pk == wanted.owner_id), _("Somebody"))
        said["owner"] = _("Owner: %(name)s") % {"name": name}
    if wanted.expiring:
        said["expiring"] = _("Key ends within 30 days")
    if wanted.unused:
        said["unused"] = _("Unused for 90 days")
    return [
        {"label": label, "remove_url": address(request, after="", before="", **{name: ""})}
        for name, label in said.items()
    ]


def _results(request: ConsoleRequest, page: Page[Any], now: datetime) -> dict[str, Any]:
    rows = with_tokens.with_facts(page.rows, now)
    columns = {
        order.name: {
            "url": sort_url(request, order.name, page.order, page.descending),
            "direction": ("descending" if page.descending else "ascending")
            if order.name == page.order
            else "",
        }
        for order in ORDERS
    }
    urls = _urls()
    return {"page": page, "rows": [_shown(row, now, urls) for row in rows], "columns": columns}


def _urls() -> dict[str, str]:
    """Where a row leads, with a place for its id: to resolve them row by row takes long."""
    views = {
        "detail": "service_accounts:detail",
        "edit": "service_accounts:edit",
        "regenerate": "credentials:regenerate",
        "disable": "service_accounts:disable",
        "enable": "service_accounts:enable",
        "delete": "service_accounts:delete",
    }
    return {name: reverse(view, args=[NO_ID]) for name, view in views.items()}


def _shown(row: Row, now: datetime, urls: dict[str, str]) -> dict[str, Any]:
    owner, until = row.account.owner, row.keys.lasts_until
    return {
        "account": row.account,
        "urls": {n: url.replace(str(NO_ID), str(row.account.pk)) for n, url in urls.items()},
        "menu_id": f"menu-{row.account.pk}",
        "state": row.account.status_at(now),
        "owner": owner if owner is not None and owner.deleted_at is None else None,
        "owner_disabled": owner is not None and not owner.is_active,
        "owner_left": row.account.owner_has_left,
        "keys": row.keys,
        "key_ends_soon": until is not None and until <= now + with_tokens.EXPIRING_WITHIN,
        "last_used_at": row.last_used_at,
        "is_enabled": row.account.identity.disabled_at is None,
    }


@requires(Permission.SERVICE_ACCOUNT_EXPORT)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    """The list as CSV, with the filters of the address, read while it is sent."""
    rows = _rows(request, wanted_by(request), timezone.now())
    return downloads.csv_file(request, CSV, rows, downloads.asked(request, *FILTER_NAMES))


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@require_POST
def disable_selected(request: ConsoleRequest) -> HttpResponse:
    """Ask about the ticked accounts by name and number; disable them when that comes back."""
    ids = {found for text in request.POST.getlist("selected") if (found := _uuid(text))}
    accounts = list(queries.visible_to(request.user).filter(pk__in=ids).order_by("name", "pk"))
    accounts = [account for account in accounts if account.identity.disabled_at is None]
    if not accounts or len(ids) > SELECTED_MAX:
        messages.warning(request, _("Tick the accounts to disable, at most 200 at a time."))
        return redirect("service_accounts:list")
    if "confirmed" not in request.POST:
        return render(request, "service_accounts/disable_selected.html", {"accounts": accounts})
    with transaction.atomic():
        # in one order, so that two of these at once cannot lock each other out
        for account in sorted(accounts, key=lambda account: account.pk):
            with suppress(actions.AccountGone):
                actions.disable(by=request.user, account=account, at=timezone.now())
    said = ngettext(
        "%(count)d service account is disabled: its keys and tokens no longer work.",
        "%(count)d service accounts are disabled: their keys and tokens no longer work.",
        len(accounts),
    )
    messages.success(request, said % {"count": len(accounts)})
    return redirect("service_accounts:list")
