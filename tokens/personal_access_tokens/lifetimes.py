"""How long personal access tokens may live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib.errors import DomainError
from accounts.tenant.catalogue import Switch, switches
from accounts.tenant.queries import is_on

EXPIRY_DAYS: Final = (7, 30, 60, 90, 365)
"""What the form offers beside a date."""
FARTHEST: Final = timedelta(days=3650)

MAY_NEVER_EXPIRE = Switch(
    name="tokens_may_never_expire",
    label=gettext_lazy("Personal access tokens may be made without an expiry"),
    help_text=gettext_lazy(
        "Who makes one must still tick that they know. Turning it off stops no token that exists."
    ),
    default=False,
)


def register() -> None:
    switches.register(MAY_NEVER_EXPIRE.name, MAY_NEVER_EXPIRE)


class BadLifetime(DomainError):
    """An expiry that cannot be had."""

    code = "bad_lifetime"


@dataclass(frozen=True)
class Lifetime:
    """When a personal access token ends: at a time, or never by a tick of its own."""

    expires_at: datetime | None
    never_expires: bool = False


def check(lifetime: Lifetime, *, at: datetime) -> datetime | None:
    """The expiry to store.

    Raises:
        BadLifetime: it is none of those that are allowed.
    """
    ends = lifetime.expires_at
    if ends is None:
        if not lifetime.never_expires:
            raise BadLifetime(
                _("Choose when the token expires, or tick that it never does."), field="expires_at"
            )
        if not is_on(MAY_NEVER_EXPIRE):
            raise BadLifetime(
                _("This tenant allows no tokens without an expiry. Choose a date."),
                field="expires_at",
            )
        return None
    if lifetime.never_expires:
        raise BadLifetime(_("A token that never expires has no date."), field="expires_at")
    if ends <= at:
        raise BadLifetime(_("Choose a time that is yet to come."), field="expires_at")
    if ends > at + FARTHEST:
        raise BadLifetime(_("Choose a time within the next ten years."), field="expires_at")
    return ends
