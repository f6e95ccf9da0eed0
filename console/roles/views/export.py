from __future__ import annotations

from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.models import Role
from accounts.roles import queries
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires

HEADER: Final = (
    *("name", "id", "description", "scopes", "permissions", "contains", "groups"),
    *("created_at", "created_by", "changed_at"),
)
"""Names for programs: they are not translated."""


@requires(Permission.GROUP_VIEW)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    now, filters = timezone.now(), downloads.filters(request, "q")
    text = request.GET.get("q", "").replace("\0", "").strip()[: downloads.LONGEST_FILTER]
    rows = queries.matching(text).order_by("name", "pk")
    rows = rows.prefetch_related("containments__contained", "group_roles__group")
    record("role.exported", by=request.user, detail={"filters": filters}, at=now)
    lines = (_line(role) for role in rows.iterator(chunk_size=downloads.BATCH))
    return downloads.csv_file("roles", HEADER, lines, at=now)


def _line(role: Role) -> list[object]:
    return [
        role.name,
        role.pk,
        role.description,
        " ".join(role.scopes),
        " ".join(role.permissions),
        "; ".join(sorted(each.contained.name for each in role.containments.all())),
        "; ".join(sorted(each.group.name for each in role.group_roles.all())),
        role.created_at,
        role.created_by,
        role.changed_at,
    ]
