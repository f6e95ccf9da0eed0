"""Who should have an account in an application: the active members of the chosen groups."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from accounts.groups.models import Membership
from accounts.identities.models import Identity
from accounts.lifecycle_integrations.connectors.base import Person
from accounts.lifecycle_integrations.models import LifecycleIntegration


def entitled(integration: LifecycleIntegration, now: datetime) -> QuerySet[Identity]:
    groups = integration.groups.values("pk")
    members = Membership.objects.current(now).filter(group__in=groups)
    return Identity.objects.active().filter(pk__in=members.values("identity_id"))


def person(identity: Identity) -> Person:
    """Somebody as applications are told of them."""
    return Person(
        str(identity.pk),
        {
            "user_name": identity.user_name,
            "first_name": identity.first_name,
            "last_name": identity.last_name,
            "display_name": identity.display_name,
            "email": identity.email,
        },
    )


def wanted(integration: LifecycleIntegration, now: datetime) -> dict[str, Person]:
    """By key, in the order of their user names."""
    rows = entitled(integration, now).order_by("user_name", "pk")
    return {str(row.pk): person(row) for row in rows}
