"""What pages say of the age of a password."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Identity
from accounts.sign_in import password_age
from accounts.sign_in.rules import Rules
from console.ui import times


def facts(
    identity: Identity, held: Rules, now: datetime, *, end_url: str = ""
) -> list[dict[str, Any]]:
    """Rows for a description list: since when the password is set, and until when it may be.

    `end_url` is the page on which the end of an exemption is set.
    """
    exempt = password_age.exemption(identity, now)
    rows: list[dict[str, Any]] = []
    if identity.is_registered:
        rows.append(
            {"label": _("Password set"), "at": password_age.set_at(identity), "exact": True}
        )
    said = ""
    if exempt is not None:
        said = _exempt(exempt)
    elif identity.is_registered:
        said = _counts(identity, held, now)
    elif end_url:
        said = _("Counts once a password is set")
    if said:
        rows.append({"label": _("Password age"), "value": said, "url": end_url})
    return rows


def _exempt(exempt: password_age.Exemption) -> str:
    if exempt.until is None:
        return _("Exempt from password age: %(why)s") % {"why": exempt.why}
    return _("Exempt from password age until %(until)s: %(why)s") % {
        "until": times.exact(exempt.until),
        "why": exempt.why,
    }


def _counts(identity: Identity, held: Rules, now: datetime) -> str:
    expires = password_age.expires_at(identity, held, now)
    if expires is None:
        return _("Passwords do not expire")
    if expires <= now:
        return _("Expired: to be changed at the next sign-in")
    return _("Expires on %(at)s") % {"at": times.exact(expires)}
