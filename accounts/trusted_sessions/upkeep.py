"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.trusted_sessions import actions


def end_what_is_over() -> None:
    """Remove the sessions of people who cannot sign in, and those that nobody approved. The
    former have no effect from that moment on, whether or not this has run."""
    while actions.end_what_is_over(at=timezone.now()):
        pass
