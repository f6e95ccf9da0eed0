"""`sys_user`: identities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import actions, gui_access, managing
from accounts.identities.models import IdentityKind
from accounts.identities.queries import visible_to
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import (
    Column,
    attribute,
    chosen,
    fixed,
    never,
    reference,
    sys_id,
    text,
    time,
    truth,
)
from tokens.doors.servicenow.conditions import FALSE, TRUE
from tokens.doors.servicenow.documents import cell
from tokens.doors.servicenow.errors import Refused, forbidden, page_of_request
from tokens.doors.servicenow.ids import UUIDS
from tokens.doors.servicenow.table import Sent, Table
from tokens.service_accounts import gui_access as readiness

NAME: Final = "sys_user"
NAMES: Final = ("first_name", "last_name", "email")
ATTRIBUTES: Final = {
    "department": "department",
    "employee_number": "employeeNumber",
    "location": "location",
    "mobile_phone": "mobilePhone",
    "phone": "phone",
    "title": "title",
}
EMPTY: Final = (
    *("building", "city", "company", "cost_center", "country", "date_format", "gender"),
    *("home_phone", "identity_subtype", "introduction", "middle_name", "photo"),
    *("preferred_language", "roles", "schedule", "state", "street", "sys_created_by"),
    *("sys_tags", "sys_updated_by", "time_format", "time_zone", "user_password", "zip"),
)
"""What a vendor's user has beside, and an identity does not."""
KINDS: Final = {
    IdentityKind.PERSON.value: "human",
    IdentityKind.SERVICE.value: "machine",
    IdentityKind.AGENT.value: "ai_agent",
}

COLUMNS: Final[dict[str, Column]] = {
    "sys_id": sys_id(),
    "user_name": text("user_name", folded="user_name_key"),
    "name": text("display_name"),
    "first_name": text("first_name"),
    "last_name": text("last_name"),
    "email": text("email"),
    "active": truth(
        lambda row: row.disabled_at is None, lambda start: Q(**{f"{start}disabled_at": None})
    ),
    "web_service_access_only": truth(
        lambda row: row.web_services_only, lambda start: Q(**{f"{start}web_services_only": True})
    ),
    "identity_type": chosen("kind", KINDS, "unclassified"),
    "internal_integration_user": never(),
    "locked_out": never(),
    "password_needs_reset": never(),
    "vip": never(),
    "notification": fixed("2"),
    "enable_multifactor_authn": never(),
    "manager": reference("manager", NAME, shown="display_name", nullable=True),
    "source": text("origin"),
    "last_login": time("last_login"),
    "last_login_time": time("last_login"),
    "sys_class_name": fixed(NAME),
    "sys_created_on": time("created_at"),
    "sys_updated_on": time("changed_at"),
    **{name: attribute(ours) for name, ours in ATTRIBUTES.items()},
    **{name: fixed() for name in EMPTY},
}


def rows(call: Call) -> QuerySet[Identity]:
    """Everybody by permission; else oneself, and the service accounts that one sees."""
    if may(call.by, Permission.IDENTITY_VIEW):
        return visible_to(call.by)
    accounts = ServiceAccount.objects.visible_to(call.by).values("pk")
    existing = Identity.objects.existing()
    return existing.filter(Q(pk=call.by.pk) | Q(pk__in=accounts))


def find(call: Call, text_: str, name: str) -> Identity:
    """Whom a field names, by sys_id.

    Raises:
        Refused: nobody whom the caller may see.
    """
    pk = UUIDS.pk(text_)
    found = rows(call).filter(pk=pk).first() if pk else None
    if found is None:
        raise Refused(f"{name}: there is no such record in sys_user.", detail=text_[:100])
    return found


def update(call: Call, row: Identity, sent: Sent) -> None:
    """What is sent and differs, all of it or nothing.

    Raises:
        Refused: one of the fields is not written here.
    """
    changed = {n: v for n, v in sent.items() if not _is_same(COLUMNS[n], row, v)}
    with transaction.atomic():
        if any(name in changed for name in NAMES):
            _set_names(call, row, changed)
        for name, value in changed.items():
            if name in NAMES:
                continue
            if name not in WRITERS:
                raise forbidden(f"ACL Exception: {NAME}.{name} is not written here.")
            WRITERS[name](call, row, value)
            row.refresh_from_db()


def _is_same(column: Column, row: Identity, value: str) -> bool:
    found = cell(column, row)
    return value in (found.value, found.shown)


def _set_names(call: Call, row: Identity, changed: Sent) -> None:
    wanted = {name: changed.get(name, getattr(row, name)) for name in NAMES}
    # those that were not sent stay as they were read, so nobody may have changed them meanwhile
    actions.edit_person(by=call.by, identity=row, at=call.now, opened_at=row.changed_at, **wanted)
    row.refresh_from_db()


def _set_active(call: Call, row: Identity, value: str) -> None:
    active, account = _truth(value, "active"), getattr(row, "service_account", None)
    if account is not None:
        act: Callable[..., Any] = service_accounts.enable if active else service_accounts.disable
        act(by=call.by, account=account, at=call.now)
        return
    act = actions.enable if active else actions.disable
    act(by=call.by, identity=row, at=call.now)


def _set_web_services_only(call: Call, row: Identity, value: str) -> None:
    only = _truth(value, "web_service_access_only")
    act = readiness.remove if only else gui_access.restore
    act(by=call.by, identity=row, at=call.now)


def _set_manager(call: Call, row: Identity, value: str) -> None:
    manager = find(call, value, "manager") if value else None
    managing.set_manager(by=call.by, identity=row, manager=manager, at=call.now)


def _truth(value: str, name: str) -> bool:
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise Refused(f"{name} must be true or false.")


WRITERS: Final[dict[str, Callable[[Call, Identity, str], None]]] = {
    "active": _set_active,
    "web_service_access_only": _set_web_services_only,
    "manager": _set_manager,
}


def _ask(call: Call, sent: Sent) -> Any:
    del call, sent
    where = page_of_request("new_service_account")
    raise forbidden(f"ACL Exception: {NAME} takes no new records. Ask for an account: {where}")


USERS: Final = Table(
    name=NAME,
    columns=COLUMNS,
    rows=rows,
    related=("manager", "service_account"),
    insert=_ask,
    update=update,
    instead="Identities are deleted in the console.",
)
