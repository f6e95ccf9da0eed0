from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from console.ui import downloads, looks
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, Page, address, paginate, sort_url
from console.ui.personal_access_tokens import row
from tokens.models import Credential
from tokens.personal_access_tokens import queries
from tokens.personal_access_tokens.actions import MOST_TOKENS
from tokens.personal_access_tokens.queries import TokenStatus, Wanted, Whose

ORDERS: Final = (
    Order("name", "sort_name"),
    Order("created", "created_at"),
    Order("expires", "expires_at", nullable=True),
    Order("used", "last_used_at", nullable=True),
)
SEARCH_MAX_LENGTH: Final = 200
FILTER_NAMES: Final = ("q", "whose", "status", "expiring", "unused")


@requires(Permission.TOKEN_OWN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """All tokens that somebody may see; the menu of one's own leads here, narrowed to those."""
    now, wanted = timezone.now(), wanted_by(request)
    visible = queries.visible_to(request.user)
    rows = queries.narrow(visible, wanted, person=request.user, now=now)
    page = paginate(request, rows, orders=ORDERS, default="-created")
    own = queries.held_by(request.user).count()
    context = _frame(request, wanted) | {
        "page": page,
        "export_url": downloads.url(request, "personal_access_tokens:export")
        if may(request.user, Permission.TOKEN_VIEW_ALL)
        else "",
        "rows": [row(token, now) for token in page.rows],
        "columns": _columns(request, page),
        "may_make": own < MOST_TOKENS,
        "most": MOST_TOKENS,
    }
    return render(request, "personal_access_tokens/list.html", context)


def wanted_by(request: HttpRequest) -> Wanted:
    """The filters of the address; what makes no sense is as if it were not there."""
    asked = request.GET
    status, whose = asked.get("status", ""), asked.get("whose", "")
    return Wanted(
        text=asked.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH],
        whose=whose if whose in list(Whose) else "",
        status=status if status in list(TokenStatus) else "",
        expiring=asked.get("expiring") == "30",
        unused=asked.get("unused") == "90",
    )


def _frame(request: ConsoleRequest, wanted: Wanted) -> dict[str, Any]:
    """What stands around the table."""
    sees_all = may(request.user, Permission.TOKEN_VIEW_ALL)
    filters = _filters(wanted, sees_all=sees_all)
    return {
        "sees_all": sees_all,
        "is_mine": wanted.whose == Whose.MINE,
        "search": wanted.text,
        "filters": filters,
        "chips": _chips(request, wanted, filters),
        "clear_url": address(request, **dict.fromkeys((*FILTER_NAMES, "after", "before"), "")),
        "keep": [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else [],
    }


def _filters(wanted: Wanted, *, sees_all: bool) -> list[dict[str, Any]]:
    whose = [(Whose.MINE.value, _("Mine")), (Whose.SERVICE_ACCOUNTS.value, _("Service accounts"))]
    if sees_all:
        whose.append((Whose.PEOPLE.value, _("People")))
    statuses = [(status.value, str(looks.of(status).label)) for status in TokenStatus]
    soon, idle = [("30", _("Expires within 30 days"))], [("90", _("Unused for 90 days"))]
    return [
        _filter("whose", _("Whose"), wanted.whose, _("Everybody's"), whose),
        _filter("status", _("Status"), wanted.status, _("All but revoked"), statuses),
        _filter("expiring", _("Expiry"), "30" if wanted.expiring else "", _("Any expiry"), soon),
        _filter("unused", _("Use"), "90" if wanted.unused else "", _("Any use"), idle),
    ]


def _filter(
    name: str, label: str, value: str, anything: str, options: list[tuple[str, str]]
) -> dict[str, Any]:
    listed = [{"value": v, "label": text} for v, text in [("", anything), *options]]
    return {"name": name, "label": label, "value": value, "options": listed}


def _chips(
    request: HttpRequest, wanted: Wanted, filters: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """What narrows the list now, each with the address without it."""
    said = {"q": _("Search: %(text)s") % {"text": wanted.text}} if wanted.text else {}
    for one in filters:
        chosen = [o["label"] for o in one["options"] if o["value"] == one["value"] != ""]
        said.update((one["name"], label) for label in chosen)
    return [
        {"label": label, "remove_url": address(request, after="", before="", **{name: ""})}
        for name, label in said.items()
    ]


def _columns(request: HttpRequest, page: Page[Credential]) -> dict[str, dict[str, str]]:
    way = "descending" if page.descending else "ascending"
    return {
        order.name: {
            "url": sort_url(request, order.name, page.order, page.descending),
            "direction": way if order.name == page.order else "",
        }
        for order in ORDERS
    }
