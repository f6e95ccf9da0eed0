from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from console.personal_access_tokens.views.lists import FILTER_NAMES, wanted_by
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires
from tokens.personal_access_tokens import queries
from tokens.personal_access_tokens.csv_list import CSV


@requires(Permission.TOKEN_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    visible, now = queries.visible_to(request.user), timezone.now()
    rows = queries.narrow(visible, wanted_by(request), person=request.user, now=now)
    return downloads.csv_file(request, CSV, rows, downloads.asked(request, *FILTER_NAMES))
