"""The tabs of an identity profile, and what stands on each of its pages."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import IdentityProfile
from accounts.profiles import policies, queries
from console.ui import processing
from console.ui.access import ConsoleRequest

TABS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("profiles:detail", _("Settings")),
    ("profiles:mappings", _("Mappings")),
    ("profiles:lifecycle_states", _("Life-cycle states")),
    ("profiles:exceptions", _("Exceptions")),
    ("profiles:history", _("History")),
)
"""URL name and label, in their order."""


def tabs(profile: IdentityProfile, *, current: str) -> list[dict[str, Any]]:
    """The tabs of a profile; `current` is the URL name of the one that is shown."""
    return [
        {"label": label, "url": reverse(name, args=[profile.pk]), "current": name == current}
        for name, label in TABS
    ]


def load(request: ConsoleRequest, profile_id: UUID) -> IdentityProfile:
    return get_object_or_404(queries.visible_to(request.user), pk=profile_id)


def frame(request: ConsoleRequest, profile: IdentityProfile, *, current: str) -> dict[str, Any]:
    """Head, bar and tabs of a profile; `current` is the URL name of the tab."""
    return {
        "profile": profile,
        "may_manage": policies.may_manage(request.user),
        "pending": processing.pending(profile, request.user),
        "tabs": tabs(profile, current=current),
    }
