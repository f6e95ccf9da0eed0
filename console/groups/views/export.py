from __future__ import annotations

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.groups.csv_list import CSV
from console.groups.views.lists import rows_for
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires


@requires(Permission.GROUP_VIEW)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    return downloads.csv_file(
        request, CSV, rows_for(request), downloads.asked(request, "q", "show")
    )
