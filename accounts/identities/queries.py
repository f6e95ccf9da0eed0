from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Exists, OuterRef, Q

from accounts.authorization.levels import LEVELS, USER
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import registration
from accounts.identities.models import Identity, IdentityQuerySet, Invitation, Purpose
from accounts.roles import reach


def visible_to(person: Identity) -> IdentityQuerySet:
    """Whom someone may see: everybody by permission, else only themselves."""
    if may(person, Permission.IDENTITY_VIEW):
        return Identity.objects.existing()
    return Identity.objects.existing().filter(pk=person.pk)


@dataclass(frozen=True)
class Wanted:
    """What a list of identities is narrowed to; what is empty does not narrow it."""

    text: str = ""
    """Part of a name, user name or e-mail address, or a whole id."""
    kind: str = ""
    level: str = ""
    """`user` is what everybody holds who holds no other."""
    status: str = ""
    registration: str = ""


def for_list(person: Identity, wanted: Wanted, now: datetime) -> IdentityQuerySet:
    """Whom someone may see and asks for, with what a row shows; three statements for a page."""
    rows = visible_to(person)
    if wanted.text:
        rows = rows.filter(_found_by(wanted.text))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.level == USER:
        rows = rows.filter(level_assignments=None)
    elif wanted.level:
        rows = rows.holding(wanted.level)
    if wanted.status:
        rows = rows.in_status(wanted.status)
    if wanted.registration:
        rows = registration.narrow(rows, registration.Registration(wanted.registration), now)
    return rows.select_related("service_account").prefetch_related("level_assignments")


def state_of(identity: Identity, now: datetime) -> str:
    """The state by which its chip looks; a service account may also have ended."""
    if identity.is_person:
        return identity.status.value
    try:
        return identity.service_account.status_at(now).value
    except ObjectDoesNotExist:  # an agent has no service account
        return identity.status.value


def read_roles(identities: Sequence[Identity], now: datetime) -> None:
    """Read what their roles give them, of all at once, before each is asked for its own."""
    found = reach.of_identities([identity.pk for identity in identities], now)
    for identity in identities:
        identity.rights_by_roles = found.get(identity.pk, reach.NOTHING)


def _found_by(text: str) -> Q:
    found = Q(display_name__icontains=text) | Q(user_name__icontains=text)
    found |= Q(email__icontains=text)
    try:
        return found | Q(pk=UUID(text))
    except ValueError:
        return found


def possible_owners() -> IdentityQuerySet:
    """Who may own a service account: people who can sign in."""
    return Identity.objects.active().people().order_by("display_name", "id")


def named(text: str, *, but: Identity | None = None) -> Identity | None:
    """The one registered person of a user name or e-mail address, where just one is meant: who
    names another has to know them. `but` is never meant."""
    called = Q(user_name__iexact=text) | Q(email__iexact=text)
    people = Identity.objects.active().people().registered().filter(called)
    found = [each for each in people[:3] if but is None or each.pk != but.pk]
    return found[0] if len(found) == 1 else None


def who_may(permission: Permission, *, limit: int) -> list[Identity]:
    """People who can sign in and whose levels carry a permission, by name; whom to ask for it."""
    levels = [level.code for level in LEVELS.values() if permission in level.permissions]
    held = LevelAssignment.objects.filter(identity=OuterRef("pk"), level__in=levels)
    found = Identity.objects.active().registered().people().filter(Exists(held))
    return list(found.order_by("display_name", "pk")[:limit])


def has_administrator() -> bool:
    return Identity.objects.active().administrators().exists()


def holders_by_level() -> dict[str, int]:
    """How many identities hold each level; one that nobody holds is left out."""
    counted = LevelAssignment.objects.values_list("level").annotate(Count("pk")).order_by("level")
    return dict(counted)


def last_invitation(identity: Identity) -> Invitation | None:
    """The last that somebody else sent them; a link that they asked for themselves is none."""
    invited = Invitation.objects.filter(identity=identity, purpose=Purpose.SET_PASSWORD)
    return invited.order_by("-created_at").first()


def has_open_link(identity: Identity, now: datetime) -> bool:
    """Whether a link to set a password is out, or waits to be mailed."""
    return Invitation.objects.open_at(now).filter(identity=identity).exists()


def due_invitations(now: datetime, *, limit: int = 100) -> list[Invitation]:
    """Invitations that should be mailed now, the longest due first."""
    return list(Invitation.objects.to_be_mailed(now).order_by("next_try_at")[:limit])


def count_due_invitations(now: datetime) -> int:
    return Invitation.objects.to_be_mailed(now).count()
