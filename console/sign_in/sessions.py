"""How long a session lasts: eight hours without use, and a day at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

LONGEST = timedelta(hours=24)
"""From signing in until it must be done again, however busy the session is."""
NOTED_EVERY = timedelta(minutes=5)
"""Use is noted only so often: a write for every page that is read would be many."""
BEGAN_AT = "steward_began_at"
SEEN_AT = "steward_seen_at"
"""Session keys: seconds since the epoch."""


def begin(request: HttpRequest) -> None:
    """Start the clocks of a session in which somebody has just signed in."""
    request.session[BEGAN_AT] = request.session[SEEN_AT] = timezone.now().timestamp()


class SessionAgeMiddleware:
    """Ends a session that is too old; puts off the idle end of one that is used.

    The idle end itself is the expiry of the session (`SESSION_COOKIE_AGE`), which moves
    whenever the session is saved.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began_at = request.session.get(BEGAN_AT)
        if began_at is not None:
            now = timezone.now().timestamp()
            if now - began_at > LONGEST.total_seconds():
                request.session.flush()
            elif now - request.session.get(SEEN_AT, 0.0) > NOTED_EVERY.total_seconds():
                request.session[SEEN_AT] = now
        return self.get_response(request)


def forget_expired() -> None:
    """Delete the rows of sessions that are over; upkeep."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
