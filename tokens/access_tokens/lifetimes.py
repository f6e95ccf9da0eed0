"""How many seconds access tokens live, as far as the tenant decides it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib.errors import DomainError
from accounts.tenant.catalogue import Number, numbers
from accounts.tenant.queries import all_numbers, number
from tokens.access_tokens.claims import LIFETIME

SHORTEST_SECONDS: Final = 15
LONGEST_SECONDS: Final = 43_200
"""SailPoint's bounds; nothing that a tenant sets goes beyond."""

LONGEST = Number(
    name="longest_access_token_seconds",
    label=gettext_lazy("Maximum lifetime of access tokens"),
    help_text=gettext_lazy(
        "Seconds, 60 to 43200. From the next exchange on no access token is issued for longer, "
        "whatever its personal access token says. Those issued before run out as they were."
    ),
    default=LONGEST_SECONDS,
    lowest=60,
    highest=LONGEST_SECONDS,
)
USUAL = Number(
    name="usual_access_token_seconds",
    label=gettext_lazy("Default lifetime of access tokens"),
    help_text=gettext_lazy(
        "Seconds, from 15 to the maximum below: for personal access tokens that are made without a "
        "lifetime of their own. Access tokens by a key live 899 seconds, or the maximum."
    ),
    default=750,  # SailPoint's own
    lowest=SHORTEST_SECONDS,
    highest=LONGEST_SECONDS,
    at_most=LONGEST,
)


def register() -> None:
    for setting in (USUAL, LONGEST):
        numbers.register(setting.name, setting)


class BadSeconds(DomainError):
    """A lifetime that cannot be had."""

    code = "bad_lifetime"


def longest_seconds() -> int:
    return number(LONGEST)


def usual_seconds() -> int:
    """What a personal access token gets that says nothing."""
    settings = all_numbers()
    # two administrators at once may leave the one above the other
    return min(settings[USUAL.name], settings[LONGEST.name])


def seconds_by_key() -> int:
    """How long an access token lives that was got by a key."""
    return min(int(LIFETIME.total_seconds()), longest_seconds())


def check_seconds(seconds: int | None) -> int:
    """How many seconds an access token lives; None asks for the usual number.

    Raises:
        BadSeconds: fewer than 15, or more than the tenant allows.
    """
    if seconds is None:
        return usual_seconds()
    longest = longest_seconds()
    if not SHORTEST_SECONDS <= seconds <= longest:
        message = _("An access token lives between %(shortest)d and %(longest)d seconds here.")
        raise BadSeconds(
            message % {"shortest": SHORTEST_SECONDS, "longest": longest},
            field="access_token_seconds",
        )
    return seconds
