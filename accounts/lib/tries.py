"""How often somebody may try something, by whichever door; `ACCOUNT_RATE_LIMITS` says how often.

Counted in the cache, which may be a table: what is counted within a transaction that is rolled
back was not counted.
"""

from __future__ import annotations

import time
from math import ceil
from typing import Final

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import ngettext

from accounts.lib.errors import DomainError

APP: Final = "accounts"


class TooManyTries(DomainError):
    """The next one has to wait."""

    code = "too_many_tries"

    def __init__(self, wait_seconds: int) -> None:
        minutes = ceil(wait_seconds / 60)
        super().__init__(
            ngettext(
                "That was tried many times in a short while. Try again in %(n)d minute.",
                "That was tried many times in a short while. Try again in %(n)d minutes.",
                minutes,
            )
            % {"n": minutes}
        )
        self.wait_seconds = wait_seconds


def count(action: str, *, user: AbstractBaseUser, key: str | None = None) -> None:
    """Count one more.

    Raises:
        TooManyTries: it is one too many, and is not counted.
    """
    _consume(action, user, key, dry_run=False)


def check(action: str, *, user: AbstractBaseUser, key: str | None = None) -> None:
    """Look whether there may be one more, and count none.

    Raises:
        TooManyTries
    """
    _consume(action, user, key, dry_run=True)


def _consume(action: str, user: AbstractBaseUser, key: str | None, *, dry_run: bool) -> None:
    may = ratelimit.consume(
        _request(),
        app=APP,
        action=action,
        config=settings.ACCOUNT_RATE_LIMITS,
        key=key,
        user=user,
        dry_run=dry_run,
    )
    if not may:
        raise TooManyTries(_wait_seconds(action, user, key))


def _wait_seconds(action: str, user: AbstractBaseUser, key: str | None) -> int:
    """Until all of the rates let one more through; at least 1."""
    now, longest = time.time(), 0.0
    for rate in ratelimit.get_rates(app=APP, action=action, config=settings.ACCOUNT_RATE_LIMITS):
        found = ratelimit.get_cache_key(
            _request(), app=APP, action=action, rate=rate, key=key, user=user
        )
        times = cache.get(found, [])  # the newest first
        if len(times) >= rate.amount:
            longest = max(longest, times[rate.amount - 1] + rate.duration - now)
    return max(1, ceil(longest))


def _request() -> HttpRequest:
    """Nothing of it counts, but that it does something: people are told apart by who they are."""
    request = HttpRequest()
    request.method = "POST"
    return request
