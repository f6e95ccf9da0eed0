from __future__ import annotations

from accounts.authorization.levels import ADMIN
from accounts.identities.models import Identity, IdentityQuerySet


def for_list() -> IdentityQuerySet:
    return Identity.objects.existing().prefetch_related("level_assignments")


def possible_owners() -> IdentityQuerySet:
    """Who may own a service account: people who can sign in."""
    return Identity.objects.active().people().order_by("display_name", "id")


def has_administrator() -> bool:
    return Identity.objects.active().holding(ADMIN).exists()
