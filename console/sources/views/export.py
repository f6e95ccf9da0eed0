from __future__ import annotations

from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.models import Source
from accounts.sources import queries
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires

HEADER: Final = ("name", "id", "description", "type", "owner", "status", "accounts", "created_at")
"""Names for programs: they are not translated."""


@requires(Permission.SOURCE_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    now, filters = timezone.now(), downloads.filters(request, "q")
    rows = queries.for_list(request.user).order_by("name", "pk")
    if text := request.GET.get("q", "").replace("\0", "").strip()[: downloads.LONGEST_FILTER]:
        rows = rows.filter(name__icontains=text)
    record("source.exported", by=request.user, detail={"filters": filters}, at=now)
    lines = (_line(source) for source in rows.iterator(chunk_size=downloads.BATCH))
    return downloads.csv_file("sources", HEADER, lines, at=now)


def _line(source: Source) -> list[object]:
    return [
        source.name,
        source.pk,
        source.description,
        source.connector,
        source.owner.user_name if source.owner else None,
        source.status.value,
        source.account_count,
        source.created_at,
    ]
