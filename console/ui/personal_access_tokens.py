"""Personal access tokens as lists of them show each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from console.ui import times
from tokens.models import Credential
from tokens.personal_access_tokens.queries import TokenStatus, status_of

HOUR: Final = timedelta(hours=1)
SOON: Final = timedelta(days=14)
"""A token that ends within it is marked; most are made for only thirty days."""


@dataclass(frozen=True)
class Row:
    """One token of a list."""

    token: Credential
    url: str
    state: str
    label: str
    """The state in words where it has a number in it; else ""."""
    explains: str
    """What to know of the state, in a few words; perhaps ""."""
    holder_url: str


def row(token: Credential, now: datetime) -> Row:
    status = status_of(token, now)
    state, label = _state(token, status, now)
    account = getattr(token.identity, "service_account", None)
    return Row(
        token=token,
        url=reverse("personal_access_tokens:detail", args=[token.pk]),
        state=state,
        label=label,
        explains=explained(token, status),
        holder_url=reverse("service_accounts:detail", args=[token.identity_id])
        if account is not None and account.deleted_at is None
        else "",
    )


def _state(token: Credential, status: TokenStatus, now: datetime) -> tuple[str, str]:
    if status != TokenStatus.ACTIVE or token.expires_at is None:
        return status.value, ""
    left = token.expires_at - now
    if left > SOON:
        return status.value, ""
    if left < HOUR:
        return "expiring", _("Expires within an hour")
    return "expiring", _("Expires %(when)s") % {"when": times.relative(token.expires_at, now)}


def explained(token: Credential, status: TokenStatus) -> str:
    if status != TokenStatus.SUSPENDED:
        return ""
    holder = token.identity
    if holder.deleted_at is not None:
        return _("its holder is gone")
    if holder.disabled_at is not None:
        return _("its holder is disabled")
    return _("its holder has ended")
