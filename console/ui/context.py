from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import Identity
from accounts.sessions.store import ABOUT
from accounts.sign_in import rules
from accounts.vault.all_access import policies as all_access
from console.ui import jobs, nav

THEME_COOKIE = "steward_theme"
THEMES = ("system", "light", "dark")
PRODUCTION_NAMES = ("production", "prod", "live")


def page(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page shows: environment, theme, navigation and the person."""
    user = getattr(request, "user", None)
    person = user if isinstance(user, Identity) else None
    theme = request.COOKIES.get(THEME_COOKIE, "system")
    return {
        "environment_name": settings.STEWARD_ENVIRONMENT,
        "environment_is_production": settings.STEWARD_ENVIRONMENT.lower() in PRODUCTION_NAMES,
        "theme": theme if theme in THEMES else "system",
        "navigation": nav.navigation(request) if person else [],
        "settings_navigation": nav.settings_navigation(request) if person else [],
        "person": person,
        "all_access": all_access.period_of(person) if person else None,
        # asked for by the frame alone, so that parts of pages cost nothing
        "jobs": SimpleLazyObject(lambda: jobs.indicator(request)),
        **(_session(request) if person else {}),
    }


def _session(request: HttpRequest) -> dict[str, int]:
    """In how many seconds the session ends if it is not used, and at the latest."""
    held, began_at = rules.of_request(request), request.session.get(ABOUT, {}).get("began_at", 0.0)
    left = held.longest.total_seconds() - (timezone.now().timestamp() - began_at)
    return {
        "session_idle_seconds": int(held.idle.total_seconds()),
        "session_ends_in_seconds": max(int(left), 0),
    }
