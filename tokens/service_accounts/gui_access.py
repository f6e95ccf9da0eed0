"""Service accounts that a program uses by now, and that somebody could still sign in as."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Exists, OuterRef

from accounts.identities.models import IdentityQuerySet
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


def missing(account: ServiceAccount) -> Missing | None:
    """What it lacks to be for web services only; None where nothing does, or it is already."""
    if account.identity.web_services_only:
        return None
    if not account.identity.is_registered:
        return Missing.REGISTRATION
    buffer.flush()
    if not DailyUse.objects.filter(identity=account.identity, use=Use.CALL).exists():
        return Missing.CALL
    return None


def is_ready(account: ServiceAccount) -> bool:
    """Whether it is one of these."""
    identity = account.identity
    if identity.web_services_only or not identity.is_active:
        return False
    return missing(account) is None
