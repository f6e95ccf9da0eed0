from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.headers import content_disposition
from accounts.models import Identity, IdentityAccount, Source, SourceAccount
from accounts.sources import export as exports
from accounts.sources import queries
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, paginate, sort_url

ORDERS: Final = (Order("name", "name_key"), Order("id", "native_identity"))
SEARCH_MAX_LENGTH: Final = 255


@requires(Permission.SOURCE_VIEW)
@require_safe
def list_(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    source = pages.load(request, source_id)
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    page = paginate(request, queries.search(source, text), orders=ORDERS, default="name")
    columns = {
        order.name: {
            "url": sort_url(request, order.name, page.order, page.descending),
            "direction": ("descending" if page.descending else "ascending")
            if order.name == page.order
            else "",
        }
        for order in ORDERS
    }
    identities = _identities(source, page.rows)
    context: dict[str, Any] = pages.frame(request, source, current="sources:accounts") | {
        "rows": [
            {"account": account, "identity": identities.get(account.native_identity)}
            for account in page.rows
        ],
        "links_identities": may(request.user, Permission.IDENTITY_VIEW),
        "page": page,
        "columns": columns,
        "search": text,
        "search_label": _("Search by Account Name or Account ID")
        if queries.searches_inside(source)
        else _("Beginning of an Account Name or Account ID"),
        "chips": _chips(request, text),
        "clear_url": request.path,
        "has_removed": queries.removed(source).exists(),
    }
    return render(request, "sources/accounts.html", context)


def _identities(source: Source, accounts: Sequence[SourceAccount]) -> dict[str, Identity]:
    """Whose the accounts are, by Account ID; those of nobody are uncorrelated."""
    links = IdentityAccount.objects.filter(
        source=source, native_identity__in=[account.native_identity for account in accounts]
    )
    return {link.native_identity: link.identity for link in links.select_related("identity")}


def _chips(request: ConsoleRequest, text: str) -> list[dict[str, str]]:
    if not text:
        return []
    url = address(request, q="", after="", before="")
    return [{"label": _("Search: %(text)s") % {"text": text}, "remove_url": url}]


@requires(Permission.SOURCE_VIEW)
@require_safe
def export(request: ConsoleRequest, source_id: UUID) -> StreamingHttpResponse:
    """All accounts as a file that can be imported again, read while it is sent."""
    source, now = pages.load(request, source_id), timezone.now()
    rows = exports.take(by=request.user, source=source, at=now)
    answer = StreamingHttpResponse(rows, content_type=f"{exports.CONTENT_TYPE}; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition(exports.file_name(source, now))
    return answer
