"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.vault import reminding, sharing


def remind() -> None:
    """Write to the owners of accounts whose password is due."""
    while reminding.remind(at=timezone.now()):
        pass


def end_what_ran_out() -> None:
    """Remove shares whose time is over, with an event each. They have no effect from that moment
    on, whether or not this has run."""
    while sharing.end_expired(at=timezone.now()):
        pass
