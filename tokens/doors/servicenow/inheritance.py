"""Why somebody has each of their roles, as the vendor's role inheritance API tells it."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.groups.paths import paths_of
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.errors import Refused, result
from tokens.doors.servicenow.records import one
from tokens.doors.servicenow.tables.users import USERS


def get(call: Call) -> HttpResponse:
    asked = call.query.get("user_sysid", "")
    if not asked:
        raise Refused("user_sysid is missing.")
    user = one(call, USERS, asked)
    found = paths_of(user, call.now)
    return result(
        {
            "user_name": user.user_name,
            "from_group": [path.text for path in found if path.group is not None],
            "from_role": [path.text for path in found if path.group is None],
        }
    )
