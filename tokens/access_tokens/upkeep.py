"""What the worker clears away; named in `settings.UPKEEP`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tokens.access_tokens import actions

REMEMBER_AFTER_EXPIRY = timedelta(days=1)
"""So that a clock that is set back finds no used assertion and no revoked token forgotten."""


def forget_used_assertions() -> None:
    """Drop the memory of assertions that could not be accepted any more."""
    actions.forget_used_assertions(at=timezone.now() - REMEMBER_AFTER_EXPIRY)


def forget_revoked_tokens() -> None:
    """Drop the memory of revoked tokens that nobody would accept any more."""
    actions.forget_revoked_tokens(at=timezone.now() - REMEMBER_AFTER_EXPIRY)
