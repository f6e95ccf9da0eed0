"""People as SCIM users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from scim2_models import InvalidValueException, Meta, Reference

from accounts.identities import actions, managing, provisioning
from accounts.identities.locking import lock
from accounts.identities.provisioning import Person
from accounts.identities.queries import visible_to
from accounts.models import Identity, Membership
from tokens.doors.scim import external_ids, versions
from tokens.doors.scim.resources import (
    USERS,
    Email,
    EnterpriseUser,
    GroupMembership,
    Manager,
    Name,
    User,
    UserResource,
)

CORE: Final = {
    "nick_name": "preferredName",
    "title": "title",
    "preferred_language": "preferredLanguage",
    "timezone": "timezone",
}
ENTERPRISE: Final = {
    "employee_number": "employeeNumber",
    "cost_center": "costCenter",
    "organization": "organization",
    "division": "division",
    "department": "department",
}
MIDDLE_NAME: Final = "middleName"
"""Names of identity attributes, by those of the model."""

Resource = User[Any]


def rows(client: Identity) -> Any:
    """Those that a client sees; service accounts are no users."""
    return visible_to(client).people()


def page_of(client: Identity, people: Sequence[Identity], *, groups: bool) -> list[Resource]:
    """Rows with what stands elsewhere, read for all of them at once."""
    ids = [person.pk for person in people]
    names = external_ids.of_identities(client, ids)
    belonging = _groups_of(client, ids) if groups else {}
    managers = _managers(client, people)
    return [
        _resource(
            person,
            names.get(person.pk),
            belonging.get(person.pk, []),
            managers.get(person.manager_id) if person.manager_id else None,
        )
        for person in people
    ]


def _groups_of(client: Identity, ids: Sequence[UUID]) -> Mapping[UUID, list[GroupMembership]]:
    from tokens.doors.scim import groups

    seen = groups.rows(client)
    found: dict[UUID, list[GroupMembership]] = {}
    current = Membership.objects.current(versions.now())
    rows = current.filter(identity__in=ids, group__in=seen).select_related("group")
    for row in rows.order_by("group__name", "group_id"):
        found.setdefault(row.identity_id, []).append(
            GroupMembership(
                value=str(row.group_id),
                ref=Reference(f"Groups/{row.group_id}"),
                display=row.group.name,
                type="direct",
            )
        )
    return found


def _managers(client: Identity, people: Sequence[Identity]) -> Mapping[UUID, Identity]:
    wanted = {person.manager_id for person in people if person.manager_id}
    return rows(client).in_bulk(wanted) if wanted else {}


def _resource(
    person: Identity,
    external_id: str | None,
    groups: list[GroupMembership],
    manager: Identity | None,
) -> Resource:
    said = person.attributes
    name = Name(
        given_name=person.first_name or None,
        family_name=person.last_name or None,
        middle_name=said.get(MIDDLE_NAME) or None,
    )
    has_name = name.given_name or name.family_name or name.middle_name
    core: dict[str, Any] = {field: _text(said.get(key)) for field, key in CORE.items()}
    user: Any = UserResource(
        id=str(person.pk),
        external_id=external_id,
        user_name=person.user_name,
        name=name if has_name else None,
        display_name=person.display_name,
        active=person.is_active,
        emails=_emails(person),
        groups=groups or None,
        **core,
    )
    enterprise: dict[str, Any] = {field: _text(said.get(key)) for field, key in ENTERPRISE.items()}
    if manager is not None:
        ref: Any = Reference(f"Users/{manager.pk}")
        enterprise["manager"] = Manager(value=str(manager.pk), ref=ref)
    if any(enterprise.values()):
        user[EnterpriseUser] = EnterpriseUser(**enterprise)
    user.meta = Meta(
        resource_type=USERS.name,
        created=person.created_at,
        last_modified=person.changed_at,
        version=versions.of_person(person, external_id),
    )
    return user  # type: ignore[no-any-return]


def _emails(person: Identity) -> list[Email] | None:
    if not person.email:
        return None
    return [Email(value=person.email, type=Email.Type.work)]


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def create(client: Identity, user: Any, at: datetime) -> Identity:
    made = provisioning.create(by=client, person=_person(user), at=at)
    external_ids.set_of_identity(client, made, user.external_id)
    _set_manager(client, made, user, at)
    if user.active is False:
        actions.disable(by=client, identity=made, at=at)
    return made


def update(client: Identity, person: Identity, user: Any, at: datetime) -> None:
    """Make somebody what is said of them; they are locked.

    Only what differs from what was shown is handed on: stored values that SCIM shows otherwise
    than they are, or would not take, stand in nobody's way, least of all where somebody leaves.
    """
    shown = page_of(client, [person], groups=False)[0]
    was_active = person.is_active
    if user.active is False and was_active:
        actions.disable(by=client, identity=person, at=at)
    said = _differing(_person(user, person), _person(shown, person))
    provisioning.edit(by=client, identity=person, person=said, at=at)
    external_ids.set_of_identity(client, person, user.external_id)
    if _manager_said(user) != _manager_said(shown):
        _set_manager(client, person, user, at)
    if user.active and not was_active and person.disabled_by == client.label[:200]:
        # what somebody else stopped stays so: a directory says "active" of all whom it has
        actions.enable(by=client, identity=person, at=at)


def _differing(said: Person, shown: Person) -> Person:
    fields = ("user_name", "first_name", "last_name", "display_name", "email")
    new = {field: getattr(said, field) for field in fields}
    new = {field: text for field, text in new.items() if text != getattr(shown, field)}
    had = shown.attributes or {}
    attributes = {name: text for name, text in (said.attributes or {}).items() if text != had[name]}
    return Person(**new, attributes=attributes)


def delete(client: Identity, person: Identity, at: datetime) -> None:
    actions.delete(by=client, identity=person, at=at)
    external_ids.forget_identity(person)


def locked(client: Identity, pk: UUID) -> Identity | None:
    """Somebody whom the client sees, as they stand, until the transaction ends."""
    found: Identity | None = rows(client).filter(pk=pk).first()
    return lock(found) if found is not None else None


def _person(user: Any, had: Identity | None = None) -> Person:
    name = user.name or Name()
    attributes = {key: getattr(user, field) or "" for field, key in CORE.items()}
    enterprise = user[EnterpriseUser] or EnterpriseUser()
    attributes |= {key: getattr(enterprise, field) or "" for field, key in ENTERPRISE.items()}
    shown = user.display_name
    if shown is None and had is not None:
        shown = had.display_name
    return Person(
        user_name=user.user_name or "",
        first_name=name.given_name or "",
        last_name=name.family_name or "",
        display_name=shown or "",
        email=_address(user.emails or []),
        attributes=attributes | {MIDDLE_NAME: name.middle_name or ""},
    )


def _address(emails: Sequence[Email]) -> str:
    """The one that is kept: the primary one, else that for work, else the first."""
    named = [email for email in emails if email.value]
    primary = [email for email in named if email.primary]
    work = [email for email in named if email.type == Email.Type.work]
    chosen = next(iter([*primary, *work, *named]), None)
    return str(chosen.value) if chosen is not None else ""


def _manager_said(user: Any) -> str:
    enterprise = user[EnterpriseUser]
    said = enterprise.manager if enterprise is not None else None
    return str(said.value or "") if said is not None else ""


def _set_manager(client: Identity, person: Identity, user: Any, at: datetime) -> None:
    wanted = None
    if said := _manager_said(user):
        wanted = _named(client, said)
        if wanted is None:
            raise InvalidValueException(detail=_("There is no user of the manager's id."))
    if (wanted.pk if wanted else None) != person.manager_id:
        managing.set_manager(by=client, identity=person, manager=wanted, at=at, disabled_too=True)


def _named(client: Identity, value: str) -> Identity | None:
    try:
        found: Identity | None = rows(client).filter(pk=UUID(value)).first()
    except ValueError:
        return None
    return found
