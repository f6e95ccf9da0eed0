"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.groups import memberships
from accounts.roles import assigning


def end_what_ran_out() -> None:
    """Remove memberships and roles whose time is over, with an event each. They have no effect
    from that moment on, whether or not this has run."""
    now = timezone.now()
    while memberships.end_expired(at=now):
        pass
    while assigning.end_expired(at=now):
        pass
