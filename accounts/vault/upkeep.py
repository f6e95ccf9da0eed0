"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.vault import sharing


def end_what_ran_out() -> None:
    """Remove shares whose time is over, with an event each. They have no effect from that moment
    on, whether or not this has run."""
    while sharing.end_expired(at=timezone.now()):
        pass
