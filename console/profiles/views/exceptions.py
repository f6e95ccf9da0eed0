from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.csv_safety import stream_csv
from accounts.lib.headers import content_disposition
from accounts.profiles import queries
from accounts.profiles.exceptions import counts_of
from console.profiles import exceptions as page_of
from console.profiles.tabs import frame, load
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, paginate

ORDERS: Final = (Order("priority", "priority"),)


@requires(Permission.PROFILE_VIEW)
@require_safe
def exceptions(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """What did not become an identity, or is no good one; looked at anew each time."""
    profile, now = load(request, profile_id), timezone.now()
    links = may(request.user, Permission.IDENTITY_VIEW)
    context = frame(request, profile, current="profiles:exceptions")
    context |= page_of.shown(request, profile, links=links, now=now)
    return render(request, "profiles/exceptions.html", context)


@requires(Permission.PROFILE_VIEW)
@require_safe
def export(request: ConsoleRequest, profile_id: UUID) -> StreamingHttpResponse:
    """All exceptions of a profile as CSV, read while it is sent."""
    profile, now = load(request, profile_id), timezone.now()
    record("identity_profile.exceptions_exported", by=request.user, subject=profile, at=now)
    answer = StreamingHttpResponse(
        stream_csv(page_of.HEADER, page_of.lines(profile, now=now)),
        content_type="text/csv; charset=utf-8",
    )
    name = f"{slugify(profile.name) or 'profile'}-exceptions-{now:%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = content_disposition(name)
    return answer


@requires(Permission.PROFILE_VIEW)
@require_safe
def of_all(request: ConsoleRequest) -> HttpResponse:
    """How many exceptions each profile has; a number leads to its rows."""
    page = paginate(request, queries.visible_to(request.user), orders=ORDERS, default="priority")
    counts = counts_of(page.rows)
    context: dict[str, Any] = {
        "page": page,
        "reasons": page_of.LABELS,
        "rows": [
            {
                "profile": profile,
                "counts": [
                    {"reason": name, "label": label, "count": getattr(counts[profile.pk], name)}
                    for name, label in page_of.LABELS.items()
                ],
            }
            for profile in page.rows
        ],
    }
    return render(request, "profiles/all_exceptions.html", context)
