from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.identities.csv_list import CSV
from console.identities.views.lists import FILTER_NAMES, rows_for
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires


@requires(Permission.IDENTITY_EXPORT)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    """The list as CSV, with the filters of the address, read while it is sent."""
    rows = rows_for(request, timezone.now())
    return downloads.csv_file(request, CSV, rows, downloads.asked(request, *FILTER_NAMES))
