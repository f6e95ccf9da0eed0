from __future__ import annotations

from django.db.models import Count, QuerySet

from accounts.identities.models import Identity
from accounts.sign_in_providers.models import SignInProvider, SsoLink


def for_list() -> list[SignInProvider]:
    """All of them, each with the number of those who are linked (`linked`)."""
    rows: QuerySet[SignInProvider] = SignInProvider.objects.annotate(linked=Count("links"))
    return list(rows.order_by("name_key", "pk"))


def offered() -> list[SignInProvider]:
    """By which people may sign in, in the order of their names."""
    return list(SignInProvider.objects.enabled().in_order())


def links_of(identity: Identity) -> list[SsoLink]:
    rows = SsoLink.objects.filter(identity=identity).select_related("provider")
    return list(rows.order_by("provider__name_key", "pk"))


def usable_by(identity: Identity) -> list[SignInProvider]:
    """The enabled providers at which somebody has an account that is linked."""
    linked = SignInProvider.objects.enabled().filter(links__identity=identity)
    return list(linked.in_order())
