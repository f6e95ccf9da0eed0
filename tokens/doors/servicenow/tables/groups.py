"""`sys_user_group` and `sys_user_grmember`: groups, and who belongs to them."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.groups import actions, memberships, policies
from accounts.groups.actions import GroupDraft
from accounts.identities.policies import AboveOneself, OwnLevels
from accounts.models import Group, Identity, Membership
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import (
    Column,
    always,
    fixed,
    never,
    reference,
    sys_id,
    text,
    time,
)
from tokens.doors.servicenow.errors import Refused, forbidden, not_found, page_of_request
from tokens.doors.servicenow.ids import UUIDS
from tokens.doors.servicenow.table import Sent, Table
from tokens.doors.servicenow.tables import users

NAME: Final = "sys_user_group"

COLUMNS: Final[dict[str, Column]] = {
    "sys_id": sys_id(),
    "name": text("name", folded="name_key"),
    "description": text("description"),
    "manager": reference("manager", users.NAME, shown="display_name", nullable=True),
    "parent": reference("parent", NAME, shown="name", nullable=True),
    "active": always(),
    "exclude_manager": never(),
    "include_members": never(),
    **{name: fixed() for name in ("cost_center", "default_assignee", "email", "roles", "source")},
    **{name: fixed() for name in ("sys_tags", "sys_updated_by", "type")},
    "sys_created_by": text("created_by"),
    "sys_created_on": time("created_at"),
    "sys_updated_on": time("changed_at"),
}


def rows(call: Call) -> QuerySet[Group]:
    return Group.objects.visible_to(call.by)


def find(call: Call, text_: str, name: str) -> Group:
    """The group that a field names, by sys_id.

    Raises:
        Refused: none that the caller may see.
    """
    pk = UUIDS.pk(text_)
    found = rows(call).filter(pk=pk).first() if pk else None
    if found is None:
        raise Refused(f"{name}: there is no such record in sys_user_group.", detail=text_[:100])
    return found


def _insert(call: Call, sent: Sent) -> Group:
    policies.check_may_manage(call.by)
    return actions.create(by=call.by, draft=_draft(call, sent), at=call.now)


def _update(call: Call, row: Group, sent: Sent) -> Group:
    policies.check_may_manage(call.by)
    draft = _draft(call, sent, row)
    return actions.edit(by=call.by, group=row, draft=draft, revision=row.revision, at=call.now)


def _delete(call: Call, row: Group) -> None:
    actions.delete(by=call.by, group=row, at=call.now)


def _draft(call: Call, sent: Sent, row: Group | None = None) -> GroupDraft:
    """The group as it is, with what is sent; members and roles are changed elsewhere."""
    manager, parent = (row.manager, row.parent) if row else (None, None)
    if "manager" in sent:
        manager = users.find(call, sent["manager"], "manager") if sent["manager"] else None
    if "parent" in sent:
        parent = find(call, sent["parent"], "parent") if sent["parent"] else None
    name, description = sent.get("name"), sent.get("description")
    if row is None:
        return GroupDraft(name or "", description or "", manager, parent)
    return GroupDraft(
        name=row.name if name is None else name,
        description=row.description if description is None else description,
        manager=manager,
        parent=parent,
        may_be_requested=row.may_be_requested,
        roles=list(row.group_roles.values_list("role_id", flat=True)),
        approvers=row.approvers,  # type: ignore[arg-type]  # one of its choices, as text
    )


GROUPS: Final = Table(
    name=NAME,
    columns=COLUMNS,
    rows=rows,
    related=("manager", "parent"),
    insert=_insert,
    update=_update,
    delete=_delete,
)


def _memberships(call: Call) -> QuerySet[Membership]:
    """As the pages of groups show them: who merely belongs sees there themselves and their own."""
    found = Membership.objects.current(call.now).filter(identity__deleted_at=None)
    if may(call.by, Permission.GROUP_VIEW):
        return found
    own = Q(identity=call.by) | Q(identity__service_account__owner=call.by)
    return found.filter(own | Q(group__manager=call.by))


def _add(call: Call, sent: Sent) -> Membership:
    """Who lacks the right is told where to ask for it: no way round an approval leads by here."""
    try:
        policies.check_may_change_any_members(call.by)
        user = users.find(call, sent.get("user", ""), "user")
        group = find(call, sent.get("group", ""), "group")
        return _added(call, group, user)
    except (NotAllowed, AboveOneself, OwnLevels) as error:
        where = page_of_request("group_membership", _of(call, sent))
        raise forbidden(f"ACL Exception: {error.message} Ask for it: {where}") from error


def _added(call: Call, group: Group, user: Identity) -> Membership:
    """One that there is stays as it is, with its end; this interface knows none."""
    has = Membership.objects.current(call.now).filter(group=group, identity=user).first()
    until = has.until if has else None
    return memberships.add(by=call.by, group=group, identity=user, until=until, at=call.now)


def _of(call: Call, sent: Sent) -> str:
    pk = UUIDS.pk(sent.get("group", ""))
    return f"group={pk}" if pk and rows(call).filter(pk=pk).exists() else ""


def _remove(call: Call, row: Membership) -> None:
    if not memberships.remove(by=call.by, group=row.group, identity=row.identity, at=call.now):
        raise not_found()


MEMBERSHIPS: Final = Table(
    name="sys_user_grmember",
    columns={
        "sys_id": sys_id(),
        "user": reference("identity", users.NAME, shown="display_name"),
        "group": reference("group", NAME, shown="name"),
        "scrum_role": fixed(),
        "sys_created_by": text("added_by"),
        "sys_created_on": time("since"),
        "sys_tags": fixed(),
        "sys_updated_by": text("added_by"),
        "sys_updated_on": time("since"),
    },
    rows=_memberships,
    related=("identity", "group"),
    insert=_add,
    delete=_remove,
    instead="Delete the membership, and add another.",
)
