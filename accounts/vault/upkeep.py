"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.vault import reminding, sharing
from accounts.vault.all_access import actions as all_access


def remind() -> None:
    """Write to the owners of accounts whose password is due."""
    while reminding.remind(at=timezone.now()):
        pass


def end_what_ran_out() -> None:
    """Remove shares and end All-Access Mode whose time is over. They have no effect from that
    moment on, whether or not this has run."""
    while sharing.end_expired(at=timezone.now()):
        pass
    while all_access.end_expired(at=timezone.now()):
        pass
