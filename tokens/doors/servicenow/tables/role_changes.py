"""`sys_audit_role`: who gave and took roles, from the audit log."""

from __future__ import annotations

from typing import Final

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Replace

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Event
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import Asked, Column, Kind, chosen, fixed, sys_id, text, time
from tokens.doors.servicenow.ids import OfNumber
from tokens.doors.servicenow.table import Table

NAME: Final = "sys_audit_role"
ADDED: Final = frozenset({"identity.role_given", "identity.group_joined"})
REMOVED: Final = frozenset(
    {
        *("identity.role_taken", "identity.role_ended"),
        *("identity.group_left", "identity.membership_ended"),
    }
)
OPERATIONS: Final = dict.fromkeys(ADDED, "Added") | dict.fromkeys(REMOVED, "Removed")


def _rows(call: Call) -> QuerySet[Event]:
    if not may(call.by, Permission.AUDIT_VIEW):
        return Event.objects.none()
    done = Event.objects.filter(action__in=sorted(OPERATIONS), outcome="done")
    none = Value("", output_field=TextField())
    return done.annotate(
        role=Coalesce(KT("detail__after__role"), KT("detail__before__role"), none),
        of_group=Coalesce(KT("detail__group"), none),
    )


def _user(start: str) -> Asked:
    return Replace(F(f"{start}subject_id"), Value("-"), Value(""))


_IDS: Final = OfNumber(NAME)
ROLE_CHANGES: Final = Table(
    name=NAME,
    columns={
        "sys_id": sys_id(_IDS),
        "changed_by": text("actor_label"),
        "count_after_change": fixed(),
        "granted_by": text("of_group"),
        "operation": chosen("action", OPERATIONS),
        "role": text("role"),
        "user": Column(
            Kind.TEXT,
            lambda row: row.subject_id.replace("-", ""),
            _user,
            shown=lambda row: row.subject_label,
        ),
        "sys_created_by": text("actor_label"),
        "sys_created_on": time("at"),
    },
    rows=_rows,
    ids=_IDS,
    instead="The audit log is never changed.",
)
