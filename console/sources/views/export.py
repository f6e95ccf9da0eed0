from __future__ import annotations

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.sources import queries
from accounts.sources.csv_list import CSV
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires


@requires(Permission.SOURCE_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    rows = queries.for_list(request.user)
    if text := downloads.search(request):
        rows = rows.filter(name__icontains=text)
    return downloads.csv_file(request, CSV, rows, downloads.asked(request, "q"))
