"""Identities as the pages show them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.identities.registration import Progress, Registration
from accounts.models import Identity
from console.ui import times
from console.ui.levels import labels_of


def registration_of(progress: Progress) -> str:
    """How far somebody is on the way to a password, in words."""
    if progress.state == Registration.INVITED and progress.invitation is not None:
        until = times.exact(progress.invitation.expires_at)
        return _("Invited until %(until)s") % {"until": until}
    return str(progress.state.label)


def levels_of(identity: Identity) -> list[str]:
    return labels_of(identity.levels)
