from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may, may
from accounts.identities.models import Identity
from accounts.identities.policies import may_more_than_anybody
from accounts.lib.errors import DomainError
from accounts.profiles.attributes import (
    DISPLAY_NAME,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    MANAGER,
    PURPOSE,
)
from accounts.profiles.models import AttributeMapping, IdentityAccount, IdentityProfile
from accounts.sources.models import Source


class AlreadyAuthoritative(DomainError):
    """Another identity profile links the source."""

    code = "already_authoritative"

    def __init__(self, profile: IdentityProfile) -> None:
        super().__init__(
            _(
                "The source “%(source)s” is authoritative already, by the identity profile "
                "“%(profile)s”. Choose another source."
            )
            % {"source": profile.source.name, "profile": profile.name},
            field="source",
        )
        self.profile = profile


class BadOwner(DomainError):
    """The proposed owner cannot answer for a profile."""

    code = "bad_owner"


def may_manage(by: Actor) -> bool:
    return may(by, Permission.PROFILE_MANAGE)


def check_may_manage(by: Actor) -> None:
    check_may(by, Permission.PROFILE_MANAGE)


def check_may_plan(by: Actor, *, is_applied: bool) -> None:
    """To have a plan made that is applied within its threshold takes less than to decide on one.

    Raises:
        NotAllowed: `by` may not.
    """
    if not is_applied or not may(by, Permission.PROFILE_PROCESS):
        check_may_manage(by)


def check_owner(owner: Identity | None, *, current: Identity | None) -> None:
    """An owner is a person who can sign in, or nobody; who was the owner already may stay.

    Raises:
        BadOwner: it is neither.
    """
    if owner is None or owner == current:
        return
    if not (owner.is_person and owner.is_active):
        raise BadOwner(_("Choose a person who can sign in."), field="owner")


def check_not_authoritative(source: Source) -> None:
    """A source has one identity profile at most.

    Raises:
        AlreadyAuthoritative: it has one.
    """
    found = IdentityProfile.objects.existing().select_related("source").filter(source=source)
    if (profile := found.first()) is not None:
        raise AlreadyAuthoritative(profile)


def profile_of_source(source: Source) -> str:
    """Who would miss a source: its own profile, or one whose mappings read it."""
    own = IdentityProfile.objects.existing().filter(source=source).first()
    if own is not None:
        return _("the identity profile “%(name)s”") % {"name": own.name}
    reading = AttributeMapping.objects.filter(source=source, profile__deleted_at=None)
    mapping = reading.select_related("profile").first()
    if mapping is None:
        return ""
    return _("a mapping of the identity profile “%(name)s”") % {"name": mapping.profile.name}


COLUMNS: Final = {
    EMAIL: "email",
    LAST_NAME: "last_name",
    FIRST_NAME: "first_name",
    DISPLAY_NAME: "display_name",
    PURPOSE: "description",
    MANAGER: "manager",
}
"""Identity attributes that are columns, by attribute; a purpose is one of service accounts."""


def mapped_fields(identity: Identity) -> dict[str, str]:
    """The columns that mappings of its profile write, each with its source and profile in words;
    not the manager of who has one set by hand."""
    leading = IdentityAccount.objects.filter(identity=identity, leads=True).values("source")
    mapped = AttributeMapping.objects.filter(
        profile__deleted_at=None, profile__source__in=leading, attribute__in=COLUMNS
    )
    said = _("the source “%(source)s”, by the identity profile “%(profile)s”")
    return {
        COLUMNS[mapping.attribute]: said
        % {
            "source": (mapping.source or mapping.profile.source).name,
            "profile": mapping.profile.name,
        }
        for mapping in mapped.select_related("source", "profile__source")
        if mapping.attribute != MANAGER or not may_more_than_anybody(identity)
    }
