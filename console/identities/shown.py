"""Identities as the pages show them."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist

from accounts.authorization.levels import LEVELS, USER
from accounts.models import Identity


def state_of(identity: Identity, now: datetime) -> str:
    """The state by which its chip looks; a service account may also have ended."""
    if identity.is_person:
        return identity.status.value
    try:
        return identity.service_account.status_at(now).value
    except ObjectDoesNotExist:  # an agent has no service account
        return identity.status.value


def levels_of(identity: Identity) -> list[str]:
    """Labels of the levels that somebody holds, in the order of the table."""
    held = [str(level.label) for level in LEVELS.values() if level.code in identity.levels]
    return held or [str(LEVELS[USER].label)]
