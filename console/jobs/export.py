from __future__ import annotations

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.jobs import queries
from accounts.jobs.csv_list import CSV
from console.jobs.views import narrowed
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires


@requires(Permission.JOB_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    rows = queries.visible_to(request.user).filter(**narrowed(request))
    return downloads.csv_file(request, CSV, rows, downloads.asked(request, "state", "kind"))
