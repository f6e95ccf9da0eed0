from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.changes import differing
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.roles import policies
from accounts.roles.models import ROLE_NAME_MAX_LENGTH, Role, RoleContainment
from accounts.service_accounts.policies import check_scopes

MOST_ROLES: Final = 2_000
MOST_CONTAINED: Final = 100
"""Roles that one role names itself."""
DESCRIPTION_MAX_LENGTH: Final = 1000


class NameTaken(DomainError):
    """Another role has this name, or one that looks like it."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        message = _("There already is a role named “%(name)s”. Choose another name.")
        super().__init__(message % {"name": name}, field="name")


class TooMany(DomainError):
    """There are as many as there may be."""

    code = "too_many"


class RoleGone(DomainError):
    """The role was deleted meanwhile."""

    code = "role_gone"

    def __init__(self) -> None:
        super().__init__(_("This role has been deleted."))


class EditConflict(DomainError):
    """Somebody else changed the role since the form was opened."""

    code = "edit_conflict"

    def __init__(self, role: Role) -> None:
        super().__init__(
            _(
                "Someone else changed this role while you were editing it. Compare the values "
                "below, then save again to replace them with yours."
            )
        )
        self.role = role
        """The role as it stands now."""


class Circle(DomainError):
    """A role would be within itself."""

    code = "circle"

    def __init__(self, name: str) -> None:
        message = _("“%(name)s” contains this role already, so this one cannot contain it.")
        super().__init__(message % {"name": name}, field="contains")


@dataclass(frozen=True)
class RoleDraft:
    """A role as somebody wants it."""

    name: str
    description: str = ""
    scopes: Sequence[str] = ()
    permissions: Sequence[str] = ()
    contains: Sequence[UUID] = ()

    def cleaned(self, by: Actor, had: Sequence[str] = ()) -> dict[str, Any]:
        """The columns; raises what names the field that is wrong."""
        name = clean_name(self.name, max_length=ROLE_NAME_MAX_LENGTH)
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
            "scopes": check_scopes(by, self.scopes, had=had) if self.scopes else [],
            "permissions": policies.check_permissions(self.permissions),
        }


def create(*, by: Actor, draft: RoleDraft, at: datetime) -> Role:
    """Add a role.

    Raises:
        NotAllowed, TooMany
        NotByRole: a permission that comes by no role; `field` names it.
        BadText, BadScopes, NameTaken, UnknownPermission, RoleGone: `field` names what is wrong.
    """
    policies.check_may_manage(by)
    values = draft.cleaned(by)
    with transaction.atomic():
        ids = _lock_all()
        if len(ids) >= MOST_ROLES:
            raise TooMany(_("There are %(most)d roles. Delete one first.") % {"most": MOST_ROLES})
        role = Role(created_at=at, created_by=by.label[:200], changed_at=at, **values)
        _save(role)
        _set_contained(role, draft.contains)
        record("role.created", by=by, subject=role, after=told(role), at=at)
    return role


def edit(*, by: Actor, role: Role, draft: RoleDraft, revision: int, at: datetime) -> Role:
    """Change a role that nobody changed since `revision` was read. All who have it have the new
    rights at once; what is taken is refused at the next call.

    Raises:
        RoleGone, EditConflict, Circle, and as `create`.
    """
    policies.check_may_manage(by)
    with transaction.atomic():
        _lock_all()
        current = _of_locked(role)
        if current.revision != revision:
            raise EditConflict(current)
        before = told(current)
        for name, value in draft.cleaned(by, current.scopes).items():
            setattr(current, name, value)
        _set_contained(current, draft.contains)
        after = told(current)
        if after == before:
            return current
        current.revision += 1
        current.changed_at = at
        _save(current)
        old, new = differing(before, after)
        record(
            "role.edited",
            by=by,
            subject=current,
            before=old,
            after=new,
            at=at,
        )
    return current


@transaction.atomic
def delete(*, by: Actor, role: Role, at: datetime, revision: int | None = None) -> None:
    """Delete a role: groups, identities and roles that had it have it no more.

    Raises:
        NotAllowed, RoleGone
        EditConflict: somebody changed it since `revision` was read.
    """
    policies.check_may_manage(by)
    _lock_all()
    current = _of_locked(role)
    if revision not in (None, current.revision):
        raise EditConflict(current)
    lost = {
        "groups": sorted(current.group_roles.values_list("group__name", flat=True)),
        "identities": current.assignments.count(),
        "contained_in": sorted(current.containers.values_list("role__name", flat=True)),
    }
    record("role.deleted", by=by, subject=current, before=told(current), detail=lost, at=at)
    current.delete()


@transaction.atomic
def take_scopes(*, by: Actor, names: Collection[str], at: datetime) -> int:
    """Take scopes that are no more from every role, so that none of the same name comes back by
    it; how many roles had one. Not for those who manage roles, but for who removes the scopes.

    Raises:
        NotAllowed
    """
    check_may(by, Permission.TENANT_MANAGE)
    _lock_all()
    changed = []
    for role in Role.objects.order_by("pk"):
        before = list(role.scopes)
        role.scopes = [name for name in before if name not in names]
        if role.scopes == before:
            continue
        role.revision += 1
        role.changed_at = at
        changed.append(role)
        old, new = {"scopes": before}, {"scopes": role.scopes}
        record("role.edited", by=by, subject=role, before=old, after=new, at=at)
    Role.objects.bulk_update(changed, ["scopes", "revision", "changed_at"])
    return len(changed)


def told(role: Role) -> dict[str, Any]:
    """A role as the audit log keeps it."""
    contained = role.containments.order_by("contained__name").values_list("contained__name")
    return {
        "name": role.name,
        "description": role.description,
        "scopes": list(role.scopes),
        "permissions": list(role.permissions),
        "contains": [name for (name,) in contained],
    }


def _lock_all() -> list[UUID]:
    """All roles, locked in one order: of two who change what contains what, one waits, so that
    they make no circle together. They are few, and changed rarely."""
    return list(Role.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _of_locked(role: Role) -> Role:
    found = Role.objects.filter(pk=role.pk).first()
    if found is None:
        raise RoleGone
    return found


def _set_contained(role: Role, wanted: Sequence[UUID]) -> None:
    found = {each.pk: each for each in Role.objects.filter(pk__in=set(wanted))}
    if len(found) < len(set(wanted)):
        raise RoleGone
    if len(found) > MOST_CONTAINED:
        message = _("A role contains at most %(most)d others.") % {"most": MOST_CONTAINED}
        raise TooMany(message, field="contains")
    below = contained_of(role.pk, found)
    if below is not None:
        raise Circle(below.name)
    had = set(role.containments.values_list("contained_id", flat=True))
    role.containments.filter(contained_id__in=had - found.keys()).delete()
    RoleContainment.objects.bulk_create(
        RoleContainment(role=role, contained=found[pk]) for pk in found if pk not in had
    )


def contained_of(role_id: UUID, chosen: dict[UUID, Role]) -> Role | None:
    """Of the chosen roles, the first that is this role or leads to it; None where none does."""
    edges: dict[UUID, list[UUID]] = {}
    for above, below in RoleContainment.objects.values_list("role_id", "contained_id"):
        edges.setdefault(above, []).append(below)
    for start, role in chosen.items():
        waiting, seen = [start], {start}
        while waiting:
            here = waiting.pop()
            if here == role_id:
                return role
            waiting += [each for each in edges.get(here, ()) if each not in seen]
            seen.update(edges.get(here, ()))
    return None


def _save(role: Role) -> None:
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        other = Role.objects.exclude(pk=role.pk).filter(name_key=role.name_key).first()
        raise NameTaken(other.name if other else role.name) from error
