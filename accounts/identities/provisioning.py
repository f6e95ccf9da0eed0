"""People whom another system keeps: made, renamed and changed as a whole, by whoever may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities import actions, policies
from accounts.identities.emails import clean_email
from accounts.identities.locking import lock
from accounts.identities.models import Identity, IdentityKind, Origin
from accounts.lib.names import clean_name, clean_text, clean_user_name, skeleton

VALUE_MAX_LENGTH: Final = 200
"""Characters of one identity attribute."""


@dataclass(frozen=True)
class Person:
    """Somebody as the other system knows them: what is empty they do not have, and what is None
    stays as it stands, however it came to be so.
    """

    user_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    """Empty where it follows from the others."""
    email: str | None = None
    attributes: Mapping[str, str] | None = None
    """By technical name; an empty value takes one away, and what is not named stays."""

    def cleaned(self, had: Identity | None = None) -> dict[str, Any]:
        """What is to be stored; raises what names the field that is wrong."""
        names = {"first_name": self.first_name, "last_name": self.last_name}
        cleaned = {
            field: clean_name(text, max_length=actions.PERSON_NAME_MAX_LENGTH, field=field)
            if text.strip()
            else ""
            for field, text in names.items()
            if text is not None
        }
        parts = [cleaned.get(field, getattr(had, field, "")) for field in names]
        if self.user_name is not None:
            user_name = clean_user_name(self.user_name)
            cleaned |= {"user_name": user_name, "user_name_key": skeleton(user_name)}
        if self.display_name is not None:
            shown = self.display_name.strip() or " ".join(part for part in parts if part)
            shown = shown or cleaned.get("user_name", getattr(had, "user_name", ""))
            cleaned["display_name"] = clean_name(shown, max_length=200, field="display_name")
        if self.email is not None:
            cleaned["email"] = clean_email(self.email)
        return cleaned


@transaction.atomic
def create(*, by: Actor, person: Person, at: datetime) -> Identity:
    """Add a person, who has no password and is not invited yet; a user name and a name to show
    are said of them.

    Raises:
        NotAllowed, UserNameTaken, BadText, BadEmail: `field` names what is wrong.
    """
    check_may(by, Permission.IDENTITY_MANAGE)
    values = person.cleaned()
    del values["user_name_key"]
    made = actions.new_identity(kind=IdentityKind.PERSON, origin=Origin.SCIM, at=at, **values)
    attributes = _merged({}, person.attributes)
    if attributes:
        made.attributes = attributes
        made.save(update_fields=["attributes"])
    told = values | ({"attributes": attributes} if attributes else {})
    record("identity.created", by=by, subject=made, after=told | {"kind": made.kind}, at=at)
    return made


@transaction.atomic
def edit(*, by: Actor, identity: Identity, person: Person, at: datetime) -> Identity:
    """Make somebody what the other system says of them, and leave what it does not speak of.

    With another e-mail address, links that are out stop working, and both addresses are told.

    Raises:
        NotAllowed
        AboveOneself: they may do more than `by`.
        OwnedElsewhere: a value that differs comes from an identity profile; `field` names it.
        IdentityGone, NotAPerson, UserNameTaken, BadText, BadEmail: `field` names what is wrong.
    """
    current = lock(identity)
    policies.check_may_act_on(by, current, Permission.IDENTITY_MANAGE)
    policies.check_person(current)
    new = person.cleaned(current)
    new |= {"attributes": _merged(current.attributes, person.attributes)}
    changed = {name: value for name, value in new.items() if value != getattr(current, name)}
    _check_not_owned(current, changed)
    if not changed:
        return current
    try:
        with transaction.atomic():
            before = actions.write(current, changed, at)
    except IntegrityError as error:
        raise actions.UserNameTaken(
            _("The user name “%(name)s”, or one that looks like it, is taken already.")
            % {"name": new["user_name"]},
            field="user_name",
        ) from error
    old, after = _told(before), _told(changed)
    differ = [name for name in {**old, **after} if old.get(name) != after.get(name)]
    record(
        "identity.edited",
        by=by,
        subject=current,
        before={name: old.get(name) for name in differ},
        after={name: after.get(name) for name in differ},
        at=at,
    )
    return current


def _check_not_owned(identity: Identity, changed: Mapping[str, Any]) -> None:
    """A profile that maps anything of somebody writes their attributes as a whole."""
    owned = policies.not_edited_by_hand(identity)
    for field in changed:
        origin = owned.get(field)
        if field == "attributes" and owned:
            origin = next(iter(owned.values()))
        if origin:
            raise policies.OwnedElsewhere(field, origin)


def _merged(had: Mapping[str, Any], said: Mapping[str, str] | None) -> dict[str, Any]:
    merged = dict(had)
    for name, text in (said or {}).items():
        value = clean_text(text, max_length=VALUE_MAX_LENGTH, multiline=False, field=name)
        if value:
            merged[name] = value
        else:
            merged.pop(name, None)
    return merged


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the audit log keeps them: attributes each by itself."""
    told = {name: value for name, value in values.items() if name != "user_name_key"}
    return told | {str(name): value for name, value in (told.pop("attributes", None) or {}).items()}
