"""Service accounts that a program uses by now, and that somebody could still sign in as."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.identities import gui_access
from accounts.identities.models import IdentityQuerySet
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.models import ServiceAccountQuerySet
from accounts.service_accounts.queries import visible_to
from tokens.usage.buffer import buffer
from tokens.usage.models import DailyUse, Use


def ready(person: Identity) -> ServiceAccountQuerySet:
    """Those that this person sees, whose GUI access can be taken away: an API call succeeded, so
    their owner has worked out how to use them."""
    buffer.flush()
    signing_in: IdentityQuerySet = Identity.objects.active().registered()
    calls = DailyUse.objects.filter(identity=OuterRef("pk"), use=Use.CALL)
    return visible_to(person).filter(
        Exists(calls),
        identity__in=signing_in.filter(web_services_only=False).values("pk"),
    )


class Missing(StrEnum):
    """What has to come before GUI access is taken away."""

    REGISTRATION = "registration"
    CALL = "call"

    @property
    def in_words(self) -> str:
        """Why it cannot be taken away yet, and what has to be done first."""
        if self == Missing.REGISTRATION:
            return _(
                "Nobody has registered to sign in as it, so there is no such access to take. "
                "After that a program has to make an API call with it."
            )
        return _(
            "No program has made a successful API call with it in the last 90 days. To get an "
            "access token is not enough."
        )


class NotReady(DomainError):
    """Something has to come before GUI access is taken away."""

    code = "not_ready"

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing.in_words)
        self.missing = missing


def missing(identity: Identity) -> Missing | None:
    """What it lacks to be for web services only; None where nothing does, or it is already."""
    if identity.web_services_only:
        return None
    if not identity.is_registered:
        return Missing.REGISTRATION
    buffer.flush()
    if not DailyUse.objects.filter(identity=identity, use=Use.CALL).exists():
        return Missing.CALL
    return None


def is_ready(account: ServiceAccount) -> bool:
    """Whether it is one of these."""
    identity = account.identity
    if identity.web_services_only or not identity.is_active:
        return False
    return missing(identity) is None


def remove(*, by: Actor, identity: Identity, at: datetime) -> bool:
    """Let a service account sign in nowhere; its owner may once a program has called with it,
    whoever could give it back at any time. Answers whether it could before.

    Raises:
        NotReady: that has still to come.
        NotAllowed, NotForPeople, IdentityGone
    """
    is_held_to_it = gui_access.may_remove(by, identity) and not gui_access.may_restore(by, identity)
    if is_held_to_it and (lacking := missing(identity)):
        raise NotReady(lacking)
    return gui_access.remove(by=by, identity=identity, at=at)
