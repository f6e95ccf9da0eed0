"""The vendor's tables, a file for what belongs together; entered here."""

from __future__ import annotations

from tokens.doors.servicenow.table import tables
from tokens.doors.servicenow.tables.groups import GROUPS, MEMBERSHIPS
from tokens.doors.servicenow.tables.requests import APPROVALS, ITEMS, REQUESTS
from tokens.doors.servicenow.tables.role_changes import ROLE_CHANGES
from tokens.doors.servicenow.tables.roles import CONTAINED, OF_GROUPS, ROLES
from tokens.doors.servicenow.tables.roles_of_users import OF_USERS
from tokens.doors.servicenow.tables.users import USERS

__all__ = ["tables"]

for table in (
    *(USERS, GROUPS, MEMBERSHIPS, ROLES, OF_USERS, OF_GROUPS, CONTAINED),
    *(REQUESTS, ITEMS, APPROVALS, ROLE_CHANGES),
):
    tables[table.name] = table
