from __future__ import annotations

from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.models import Group
from console.groups.views.lists import rows_for
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires

HEADER: Final = (
    *("name", "id", "description", "manager", "parent", "roles", "may_be_requested"),
    *("approvers", "created_at", "created_by", "changed_at"),
)
"""Names for programs: they are not translated."""


@requires(Permission.GROUP_VIEW)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    now, filters = timezone.now(), downloads.filters(request, "q", "show")
    rows = rows_for(request).prefetch_related("group_roles__role").order_by("name", "pk")
    record("group.exported", by=request.user, detail={"filters": filters}, at=now)
    lines = (_line(group) for group in rows.iterator(chunk_size=downloads.BATCH))
    return downloads.csv_file("groups", HEADER, lines, at=now)


def _line(group: Group) -> list[object]:
    return [
        group.name,
        group.pk,
        group.description,
        group.manager.user_name if group.manager else None,
        group.parent.name if group.parent else None,
        "; ".join(sorted(each.role.name for each in group.group_roles.all())),
        group.may_be_requested,
        group.approvers,
        group.created_at,
        group.created_by,
        group.changed_at,
    ]
