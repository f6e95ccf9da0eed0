from __future__ import annotations

from datetime import datetime
from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from console.personal_access_tokens.views.lists import FILTER_NAMES, wanted_by
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires
from tokens.models import Credential
from tokens.personal_access_tokens import queries

HEADER: Final = (
    *("name", "id", "holder", "status", "scopes", "created_at", "created_by"),
    *("expires_at", "last_used_at", "revoked_at", "revoked_by"),
)
"""Names for programs: they are not translated."""


@requires(Permission.TOKEN_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    now, filters = timezone.now(), downloads.filters(request, *FILTER_NAMES)
    visible = queries.visible_to(request.user)
    rows = queries.narrow(visible, wanted_by(request), person=request.user, now=now)
    record("personal_access_token.exported", by=request.user, detail={"filters": filters}, at=now)
    rows = rows.order_by("created_at", "pk")
    lines = (_line(token, now) for token in rows.iterator(chunk_size=downloads.BATCH))
    return downloads.csv_file("personal-access-tokens", HEADER, lines, at=now)


def _line(token: Credential, now: datetime) -> list[object]:
    return [
        token.name,
        token.pk,
        token.identity.user_name,
        queries.status_of(token, now).value,
        " ".join(token.scopes),
        token.created_at,
        token.created_by,
        token.expires_at,
        token.last_used_at,
        token.revoked_at,
        token.revoked_by,
    ]
