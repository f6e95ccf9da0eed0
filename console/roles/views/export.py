from __future__ import annotations

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.roles import queries
from accounts.roles.csv_list import CSV
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires


@requires(Permission.GROUP_VIEW)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    rows = queries.matching(downloads.search(request))
    return downloads.csv_file(request, CSV, rows, downloads.asked(request, "q"))
