"""Groups as SCIM groups, with the people who belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from scim2_models import (
    InvalidValueException,
    Meta,
    PayloadTooLargeException,
    Reference,
    TooManyException,
)

from accounts.groups import actions, memberships
from accounts.groups.actions import GroupDraft
from accounts.groups.models import GroupQuerySet
from accounts.identities.models import IdentityKind
from accounts.models import Group, Identity, Membership
from tokens.doors.scim import external_ids, users, versions
from tokens.doors.scim.resources import GROUPS, GroupMember
from tokens.doors.scim.resources import Group as Resource

MOST_CHANGES: Final = 1_000
"""Members that one request adds and removes; each is an act with events of its own."""
MOST_MEMBERS: Final = 20_000
"""Members that one answer lists, or that a change of a group is compared with."""


@dataclass(frozen=True)
class _State:
    """Of the members of a group what its version says."""

    count: int = 0
    latest: datetime | None = None


def rows(client: Identity) -> GroupQuerySet:
    return Group.objects.visible_to(client)


def page_of(client: Identity, found: Sequence[Group], *, members: bool) -> list[Resource]:
    ids = [group.pk for group in found]
    names = external_ids.of_groups(client, ids)
    states = _states(ids)
    if members and sum(state.count for state in states.values()) > MOST_MEMBERS:
        raise TooManyException(
            detail=f"There are more than {MOST_MEMBERS} members. Ask for fewer groups at once, or "
            "with excludedAttributes=members."
        )
    listed = _members(client, ids) if members else {}
    return [
        _resource(
            group,
            names.get(group.pk),
            states.get(group.pk, _State()),
            listed.get(group.pk) if members else None,
        )
        for group in found
    ]


def _current(ids: Sequence[UUID]) -> Any:
    """Memberships of people: service accounts of a group are not this door's."""
    current = Membership.objects.current(versions.now())
    return current.filter(
        group__in=ids, identity__kind=IdentityKind.PERSON, identity__deleted_at=None
    )


def _states(ids: Sequence[UUID]) -> Mapping[UUID, _State]:
    counted = _current(ids).values_list("group_id")
    rows = counted.annotate(Count("pk"), Max("since")).order_by("group_id")
    return {group: _State(count, latest) for group, count, latest in rows}


def _members(client: Identity, ids: Sequence[UUID]) -> Mapping[UUID, list[GroupMember]]:
    seen = _current(ids).filter(identity__in=users.rows(client))
    found: dict[UUID, list[GroupMember]] = {}
    rows = seen.values_list("group_id", "identity_id")
    for group, identity in rows.order_by("group_id", "since", "pk"):
        found.setdefault(group, []).append(
            GroupMember(value=str(identity), ref=Reference(f"Users/{identity}"), type="User")
        )
    return found


def _resource(
    group: Group, external_id: str | None, state: _State, members: list[GroupMember] | None
) -> Resource:
    found = Resource(
        id=str(group.pk), external_id=external_id, display_name=group.name, members=members
    )
    found.meta = Meta(
        resource_type=GROUPS.name,
        created=group.created_at,
        last_modified=max(filter(None, (group.changed_at, state.latest))),
        version=versions.of_group(group, state.count, state.latest, external_id),
    )
    return found


def create(client: Identity, said: Resource, at: datetime) -> Group:
    made = actions.create(by=client, draft=GroupDraft(name=said.display_name or ""), at=at)
    external_ids.set_of_group(client, made, said.external_id)
    _set_members(client, made, _wanted(said), at)
    return made


def update(client: Identity, group: Group, said: Resource, at: datetime) -> None:
    draft = GroupDraft.of(group)
    if said.display_name and said.display_name != group.name:
        draft = replace(draft, name=said.display_name)
        actions.edit(by=client, group=group, draft=draft, revision=group.revision, at=at)
    external_ids.set_of_group(client, group, said.external_id)
    _set_members(client, group, _wanted(said), at)


def delete(client: Identity, group: Group, at: datetime) -> None:
    actions.delete(by=client, group=group, revision=group.revision, at=at)


def locked(client: Identity, pk: UUID) -> Group | None:
    """A group that the client sees; `lock_before` comes first."""
    return rows(client).select_for_update(of=("self",)).filter(pk=pk).first()


def lock_before(said: Resource | None, pk: UUID | None, most: int) -> int:
    """Lock what is locked before a group, in the order of everywhere: people, by id, and all
    groups where one is made, renamed or deleted (`said` is None). Answers how many members come
    and go.

    Raises:
        PayloadTooLargeException: they are more than `most`; nothing is locked then.
    """
    group = Group.objects.filter(pk=pk).first() if pk is not None else None
    changed: set[UUID] = set()
    if said is not None:
        had = _current([group.pk] if group is not None else [])
        changed = {*had.values_list("identity_id", flat=True)} ^ _wanted(said)
    if len(changed) > most:
        message = _("Change at most %(most)d members of groups at once.")
        raise PayloadTooLargeException(detail=message % {"most": MOST_CHANGES})
    renamed = said is None or group is None or (said.display_name or group.name) != group.name
    manager = group.manager_id if renamed and said is not None and group is not None else None
    ids = changed | ({manager} if manager is not None else set())
    people = Identity.objects.get_queryset().filter(pk__in=ids).order_by("pk")
    list(people.select_for_update().values_list("pk", flat=True))
    if renamed:
        actions.lock_all()
    return len(changed)


def _ids(said: Resource) -> list[UUID]:
    """Raises InvalidValueException: a member is none of ours."""
    found = []
    for member in said.members or []:
        if member.type not in (None, "User"):
            raise InvalidValueException(detail=_("Only users can be members of a group here."))
        try:
            found.append(UUID(str(member.value)))
        except ValueError as error:
            raise _no_member(str(member.value)) from error
    return found


def _wanted(said: Resource) -> set[UUID]:
    return set(_ids(said))


def _set_members(client: Identity, group: Group, wanted: set[UUID], at: datetime) -> None:
    """Let exactly these people belong to a group; service accounts stay in it."""
    had = set(_current([group.pk]).values_list("identity_id", flat=True))
    people = users.rows(client).in_bulk(had ^ wanted)
    if missing := sorted(str(pk) for pk in (wanted - had) - people.keys()):
        raise _no_member(missing[0])
    for pk in sorted(wanted - had):
        memberships.add(by=client, group=group, identity=people[pk], at=at)
    for pk in sorted((had - wanted) & people.keys()):
        memberships.remove(by=client, group=group, identity=people[pk], at=at)


def _no_member(value: str) -> InvalidValueException:
    message = _("There is no user of the id “%(id)s”.") % {"id": value[:100]}
    return InvalidValueException(detail=message)
