from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.levels import USER
from accounts.authorization.permissions import Permission
from accounts.models import Identity
from console.identities.shown import state_of
from console.identities.views.lists import FILTER_NAMES, rows_for
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires

HEADER: Final = (
    "user_name",
    "id",
    "kind",
    "display_name",
    "first_name",
    "last_name",
    "email",
    "levels",
    "status",
    "origin",
    "created_at",
    "last_signed_in_at",
)
"""Names for programs: they are not translated."""


@requires(Permission.IDENTITY_EXPORT)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    """The list as CSV, with the filters of the address, read while it is sent."""
    now = timezone.now()
    rows = rows_for(request, now).order_by("user_name", "pk")
    filters = downloads.filters(request, *FILTER_NAMES)
    record("identity.exported", by=request.user, detail={"filters": filters}, at=now)
    lines = (_line(identity, now) for identity in rows.iterator(chunk_size=downloads.BATCH))
    return downloads.csv_file("identities", HEADER, lines, at=now)


def _line(identity: Identity, now: datetime) -> list[Any]:
    return [
        identity.user_name,
        identity.pk,
        identity.kind,
        identity.display_name,
        identity.first_name,
        identity.last_name,
        identity.email,
        " ".join(sorted(identity.levels)) or USER,
        state_of(identity, now),
        identity.origin,
        identity.created_at,
        identity.last_login,
    ]
