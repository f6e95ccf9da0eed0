"""Identities as the pages show them."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from accounts.identities.registration import Progress, Registration
from accounts.models import Identity
from console.ui import times
from console.ui.levels import labels_of


def state_of(identity: Identity, now: datetime) -> str:
    """The state by which its chip looks; a service account may also have ended."""
    if identity.is_person:
        return identity.status.value
    try:
        return identity.service_account.status_at(now).value
    except ObjectDoesNotExist:  # an agent has no service account
        return identity.status.value


def registration_of(progress: Progress) -> str:
    """How far somebody is on the way to a password, in words."""
    if progress.state == Registration.INVITED and progress.invitation is not None:
        until = times.exact(progress.invitation.expires_at)
        return _("Invited until %(until)s") % {"until": until}
    return str(progress.state.label)


def levels_of(identity: Identity) -> list[str]:
    return labels_of(identity.levels)
