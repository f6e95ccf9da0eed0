from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.changes import differing
from accounts.groups import giving, policies
from accounts.groups.models import GROUP_NAME_MAX_LENGTH, Approvers, Group, GroupRole
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.roles.actions import RoleGone
from accounts.roles.models import Role

MOST_GROUPS: Final = 5_000
MOST_ROLES_OF_A_GROUP: Final = 100
DESCRIPTION_MAX_LENGTH: Final = 1000


class NameTaken(DomainError):
    """Another group has this name, or one that looks like it."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        message = _("There already is a group named “%(name)s”. Choose another name.")
        super().__init__(message % {"name": name}, field="name")


class TooMany(DomainError):
    """There are as many as there may be."""

    code = "too_many"


class GroupGone(DomainError):
    """The group was deleted meanwhile."""

    code = "group_gone"

    def __init__(self) -> None:
        super().__init__(_("This group has been deleted."))


class HasChildren(DomainError):
    """Other groups stand below the group, and have its roles."""

    code = "has_children"

    def __init__(self, names: Sequence[str]) -> None:
        message = _("These groups stand below it: %(names)s. Give them another parent first.")
        super().__init__(message % {"names": ", ".join(names)})


class EditConflict(DomainError):
    """Somebody else changed the group since the form was opened."""

    code = "edit_conflict"

    def __init__(self, group: Group) -> None:
        super().__init__(
            _(
                "Someone else changed this group while you were editing it. Compare the values "
                "below, then save again to replace them with yours."
            )
        )
        self.group = group
        """The group as it stands now."""


class Circle(DomainError):
    """A group would stand below itself."""

    code = "circle"

    def __init__(self) -> None:
        super().__init__(_("Choose a parent that does not stand below this group."), field="parent")


@dataclass(frozen=True)
class GroupDraft:
    """A group as somebody wants it; its members are changed apart."""

    name: str
    description: str = ""
    manager: Identity | None = None
    parent: Group | None = None
    may_be_requested: bool = False
    roles: Sequence[UUID] = ()
    approvers: Approvers = Approvers.MANAGER

    @property
    def gives(self) -> bool:
        """Whether it does more than name those who belong to it."""
        return bool(self.roles or self.parent or self.manager or self.may_be_requested)

    @classmethod
    def of(cls, group: Group) -> GroupDraft:
        """The group as it stands, to change a part of it."""
        return cls(
            name=group.name,
            description=group.description,
            manager=group.manager,
            parent=group.parent,
            may_be_requested=group.may_be_requested,
            roles=list(group.group_roles.values_list("role_id", flat=True)),
            approvers=Approvers(group.approvers),
        )

    def cleaned(self, group: Group | None = None) -> dict[str, Any]:
        policies.check_manager(self.manager, group=group)
        name = clean_name(self.name, max_length=GROUP_NAME_MAX_LENGTH)
        text = clean_text(
            self.description,
            max_length=DESCRIPTION_MAX_LENGTH,
            multiline=True,
            field="description",
        )
        return {
            "name": name,
            "name_key": skeleton(name),
            "description": text,
            "manager": self.manager,
            "parent": self.parent,
            "may_be_requested": self.may_be_requested,
            "approvers": Approvers(self.approvers),
        }


def create(*, by: Actor, draft: GroupDraft, at: datetime) -> Group:
    """Add a group without members.

    Raises:
        NotAllowed, TooMany
        BadText, BadManager, NameTaken, GroupGone, RoleGone: `field` names what is wrong.
    """
    policies.check_may_provision(by)
    policies.check_may_provision(by, gives=draft.gives)
    values = draft.cleaned()
    with transaction.atomic():
        _lock_manager(draft)
        if len(lock_all()) >= MOST_GROUPS:
            raise TooMany(_("There are %(most)d groups. Delete one first.") % {"most": MOST_GROUPS})
        _check_parent(None, draft.parent)
        group = Group(created_at=at, created_by=by.label[:200], changed_at=at, **values)
        _save(group)
        _set_roles(by, group, draft.roles, at)
        record("group.created", by=by, subject=group, after=told(group), at=at)
    return group


def edit(*, by: Actor, group: Group, draft: GroupDraft, revision: int, at: datetime) -> Group:
    """Change a group that nobody changed since `revision` was read; its members have the roles
    that it carries then at once, and the others no more.

    Raises:
        EditConflict, Circle, and as `create`.
    """
    policies.check_may_provision(by)
    with transaction.atomic():
        _lock_manager(draft)
        lock_all()
        current = _of_locked(group)
        policies.check_may_provision(by, gives=_changes_more_than_name(current, draft))
        if current.revision != revision:
            raise EditConflict(current)
        values = draft.cleaned(current)
        _check_parent(current, draft.parent)
        before = told(current)
        for name, value in values.items():
            setattr(current, name, value)
        _set_roles(by, current, draft.roles, at)
        after = told(current)
        if after == before:
            return current
        current.revision += 1
        current.changed_at = at
        _save(current)
        old, new = differing(before, after)
        record(
            "group.edited",
            by=by,
            subject=current,
            before=old,
            after=new,
            at=at,
        )
    return current


@transaction.atomic
def delete(*, by: Actor, group: Group, at: datetime, revision: int | None = None) -> None:
    """Delete a group: whoever belonged to it has its roles no more.

    Raises:
        NotAllowed, GroupGone
        EditConflict: somebody changed it since `revision` was read.
        HasChildren: groups stand below it.
        Whatever refuses to be taken back from its members: see `giving`.
    """
    policies.check_may_provision(by)
    lock_all()
    current = _of_locked(group)
    gives = GroupDraft.of(current).gives or giving.gives_besides(current)
    policies.check_may_provision(by, gives=gives)
    if revision not in (None, current.revision):
        raise EditConflict(current)
    if names := list(current.children.order_by("name").values_list("name", flat=True)[:10]):
        raise HasChildren(names)
    giving.take_back(by, current, at)
    members = list(
        current.memberships.order_by("identity__user_name").values_list(
            "identity__user_name", flat=True
        )[:1000]
    )
    detail = {"members": members, "member_count": current.memberships.count()}
    record("group.deleted", by=by, subject=current, before=told(current), detail=detail, at=at)
    current.delete()


def told(group: Group) -> dict[str, Any]:
    """A group as the audit log keeps it."""
    roles = group.group_roles.order_by("role__name").values_list("role__name", flat=True)
    return {
        "name": group.name,
        "description": group.description,
        "manager": group.manager.user_name if group.manager else None,
        "parent": group.parent.name if group.parent else None,
        "may_be_requested": group.may_be_requested,
        "approvers": str(group.approvers),
        "roles": list(roles),
    }


def _changes_more_than_name(group: Group, draft: GroupDraft) -> bool:
    """Whether a group that gives something is renamed, or becomes one."""
    had = GroupDraft.of(group)
    now = replace(draft, name=had.name, roles=sorted(draft.roles))
    return had.gives or giving.gives_besides(group) or now != replace(had, roles=sorted(had.roles))


def _lock_manager(draft: GroupDraft) -> None:
    """Identities come before groups: so does who adds them as members."""
    if draft.manager is not None:
        lock(draft.manager)


def lock_all() -> list[UUID]:
    """All groups, locked in one order: of two who change what stands below what, one waits, so
    that they make no circle together. They are few, and changed rarely."""
    return list(Group.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _of_locked(group: Group) -> Group:
    found = Group.objects.select_related("manager", "parent").filter(pk=group.pk).first()
    if found is None:
        raise GroupGone
    return found


def _check_parent(group: Group | None, parent: Group | None) -> None:
    if parent is None:
        return
    above = dict(Group.objects.values_list("pk", "parent_id"))
    if parent.pk not in above:
        raise GroupGone
    here: UUID | None = parent.pk
    while here is not None and group is not None:
        if here == group.pk:
            raise Circle
        here = above[here]


def _set_roles(by: Actor, group: Group, wanted: Sequence[UUID], at: datetime) -> None:
    """Give a group exactly these roles."""
    had = set(group.group_roles.values_list("role_id", flat=True))
    if had == set(wanted):
        return
    if len(set(wanted)) > MOST_ROLES_OF_A_GROUP:
        message = _("A group carries at most %(most)d roles.") % {"most": MOST_ROLES_OF_A_GROUP}
        raise TooMany(message, field="roles")
    # a role that is deleted meanwhile would else fail as a foreign key
    found = set(
        Role.objects.select_for_update()
        .filter(pk__in=set(wanted))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if len(found) < len(set(wanted)):
        raise RoleGone
    group.group_roles.filter(role_id__in=had - found).delete()
    GroupRole.objects.bulk_create(
        GroupRole(group=group, role_id=pk, granted_at=at, granted_by=by.label[:200])
        for pk in sorted(found - had)
    )


def _save(group: Group) -> None:
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        other = Group.objects.exclude(pk=group.pk).filter(name_key=group.name_key).first()
        raise NameTaken(other.name if other else group.name) from error
