from __future__ import annotations

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.models import AccessRequest
from accounts.requests.csv_list import CSV
from accounts.requests.states import State
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires


@requires(Permission.REQUEST_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    rows = AccessRequest.objects.all()
    asked = downloads.asked(request, "state")
    if asked["state"] in State.values:
        rows = rows.filter(state=asked["state"])
    return downloads.csv_file(request, CSV, rows, asked)
