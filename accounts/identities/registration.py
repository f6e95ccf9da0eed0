"""How far an identity is on its way to a password; apart from whether it can be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.identities.models import (
    UNREGISTERED,
    Identity,
    IdentityQuerySet,
    Invitation,
    InvitationQuerySet,
    Purpose,
)


class Registration(models.TextChoices):
    """Derived, never stored. Keys and tokens of a service account work in each of them."""

    NOT_INVITED = "not_invited", _("Not invited")
    INVITED = "invited", _("Invited")
    EXPIRED = "invitation_expired", _("Invitation expired")
    REGISTERED = "registered", _("Registered")


@dataclass(frozen=True)
class Progress:
    state: Registration
    invitation: Invitation | None = None
    """The one that is out, or that has expired."""


def of(identity: Identity, now: datetime) -> Progress:
    return of_all([identity], now)[identity.pk]


def of_all(identities: Iterable[Identity], now: datetime) -> dict[UUID, Progress]:
    """The state of each, in one statement; none where all have a password."""
    identities = list(identities)
    known = {i.pk: Progress(Registration.REGISTERED) for i in identities if i.is_registered}
    others = [identity.pk for identity in identities if identity.pk not in known]
    if not others:
        return known
    found: dict[UUID, Invitation] = {}
    unused = _links().filter(identity__in=others, used_at=None)
    for invitation in unused.order_by("expires_at", "pk"):
        assert invitation.identity_id is not None
        found[invitation.identity_id] = invitation
    return known | {pk: _progress(found.get(pk), now) for pk in others}


def _progress(invitation: Invitation | None, now: datetime) -> Progress:
    """Links that were used up without a password were taken back, and do not count."""
    if invitation is None:
        return Progress(Registration.NOT_INVITED)
    is_open = invitation.is_open_at(now)
    return Progress(Registration.INVITED if is_open else Registration.EXPIRED, invitation)


def narrow(rows: IdentityQuerySet, state: Registration, now: datetime) -> IdentityQuerySet:
    """Those of `rows` that are in a state."""
    mine = _links().filter(identity=OuterRef("pk"))
    waiting = rows.filter(UNREGISTERED)
    is_open = Exists(mine.open_at(now))
    expired = Exists(mine.filter(used_at=None, expires_at__lte=now))
    match state:
        case Registration.REGISTERED:
            return rows.exclude(UNREGISTERED)
        case Registration.INVITED:
            return waiting.filter(is_open)
        case Registration.EXPIRED:
            return waiting.filter(~is_open, expired)
        case Registration.NOT_INVITED:
            return waiting.filter(~is_open, ~expired)
    assert_never(state)


def _links() -> InvitationQuerySet:
    return Invitation.objects.filter(purpose=Purpose.SET_PASSWORD)
