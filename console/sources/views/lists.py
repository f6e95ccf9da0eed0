from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.imports import queries as imports
from accounts.models import IdentityProfile, Source
from accounts.sources import policies, queries, schedules
from accounts.sources.connectors.base import connector_choices
from console.ui import downloads
from console.ui import schedules as schedule_words
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, paginate, sort_url

ORDERS: Final = (Order("name", "name"),)
SEARCH_MAX_LENGTH: Final = 200
IMPORTS_SHOWN: Final = 5


@requires(Permission.SOURCE_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    found = queries.for_list(request.user)
    if text:
        found = found.filter(name__icontains=text)
    page = paginate(request, found, orders=ORDERS, default="name")
    now = timezone.now()
    rows = [
        {
            "source": source,
            "state": source.status.value,
            "status": pages.status_words(source, now),
        }
        for source in page.rows
    ]
    chips = (
        [
            {
                "label": _("Search: %(text)s") % {"text": text},
                "remove_url": address(request, q="", after="", before=""),
            }
        ]
        if text
        else []
    )
    context = {
        "rows": rows,
        "export_url": downloads.url(request, "sources:export")
        if may(request.user, Permission.SOURCE_VIEW_ALL)
        else "",
        "page": page,
        "search": text,
        "chips": chips,
        "may_add": policies.may_add(request.user),
        "name_url": sort_url(request, "name", page.order, page.descending),
        "direction": "descending" if page.descending else "ascending",
    }
    return render(request, "sources/list.html", context)


@requires(Permission.SOURCE_VIEW)
@require_safe
def detail(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    source = pages.load(request, source_id)
    history = pages.history(imports.history(source)[:IMPORTS_SHOWN])
    context = pages.frame(request, source, current="sources:detail")
    context |= {
        "facts": _facts(source, timezone.now()) + _profile_fact(context["profile"]),
        "history": history,
        "users": policies.users_of(source),
    }
    return render(request, "sources/detail.html", context)


def _profile_fact(profile: IdentityProfile | None) -> list[dict[str, Any]]:
    if profile is None:
        return []
    url = reverse("profiles:detail", args=[profile.pk])
    return [{"label": _("Identity profile"), "value": profile.name, "url": url}]


def _facts(source: Source, now: datetime) -> list[dict[str, Any]]:
    owner: dict[str, Any] = {"label": _("Owner"), "value": _("No owner")}
    if source.owner is not None:
        owner["value"] = source.owner.display_name
    accounts_url = reverse("sources:accounts", args=[source.pk])
    if source.deletion_disabled:
        threshold = _("Account deletion is disabled")
    else:
        threshold = _("%(percent)d %%") % {"percent": source.delete_threshold_percent}
    return [
        {"label": _("Source Type"), "value": dict(connector_choices())[source.connector]},
        {"label": _("Connection Type"), "value": source.kind.connection_type},
        owner,
        {"label": _("Status"), "value": pages.status_words(source, now)},
        {"label": _("Accounts"), "value": f"{source.account_count:,}", "url": accounts_url},
        {"label": _("Account Delete Threshold"), "value": threshold},
        *_schedule(source),
        {"label": _("Created"), "at": source.created_at},
        {"label": _("ID"), "value": str(source.pk), "copy": True, "copy_label": _("Copy ID")},
    ]


def _schedule(source: Source) -> list[dict[str, Any]]:
    if source.kind.takes_files:
        return []
    found = schedules.of(source)
    url = reverse("imports:list", args=[source.pk]) + "#schedule"
    if found is None:
        return [{"label": _("Schedule"), "value": _("Read by hand only"), "url": url}]
    return [
        {"label": _("Schedule"), "value": schedule_words.words(found), "url": url},
        {"label": _("Next run"), "value": _("Paused"), "url": url}
        if found.paused_at
        else {"label": _("Next run"), "at": found.next_at},
    ]
