from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.models import IdentityProfile
from accounts.profiles import exceptions, queries
from console.identities.tabs import tabs_of
from console.ui.access import ConsoleRequest, requires

SHOWN: Final = 20
"""Of each profile; its own page shows all."""


@requires(Permission.PROFILE_VIEW)
@require_safe
def errors(request: ConsoleRequest) -> HttpResponse:
    """What keeps accounts from becoming identities, as it is now, under each profile."""
    now = timezone.now()
    profiles = queries.visible_to(request.user).exclude(problems=None)
    found = [_of(profile, now) for profile in profiles.order_by("priority", "name", "pk")]
    context = {
        "tabs": tabs_of(request, "errors"),
        "profiles": [entry for entry in found if entry["errors"] or entry["collisions"]],
        "has_profiles": bool(found) or queries.visible_to(request.user).exists(),
    }
    return render(request, "identities/errors.html", context)


def _of(profile: IdentityProfile, now: datetime) -> dict[str, Any]:
    wrong, more_errors = exceptions.errors(profile, at=now, limit=SHOWN)
    collisions, more_collisions = exceptions.collisions(profile, at=now, limit=SHOWN)
    return {
        "profile": profile,
        "errors": wrong,
        "collisions": collisions,
        "more": bool(more_errors or more_collisions),
        "url": _page_of(profile),
    }


def _page_of(profile: IdentityProfile) -> str:
    """Where the profile shows all of its exceptions."""
    try:
        return reverse("profiles:exceptions", args=[profile.pk])
    except NoReverseMatch:
        return reverse("profiles:detail", args=[profile.pk])
