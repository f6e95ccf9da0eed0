"""The mail with the code that makes the first session of a person a trusted one."""

from __future__ import annotations

import logging
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.lib.one_time_secret import OneTimeSecret
from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import TrustedSession
from console.ui import letters
from console.ui.letters import COMMON

logger = logging.getLogger(__name__)

CODE: Final = "trusted_session_code"

KINDS: Final[dict[str, Kind]] = {
    CODE: Kind(
        label=_("Code for a trusted session"),
        occasion=_("Sent to somebody who makes their first browser a trusted session."),
        subject=_("Your code for {{ product }}"),
        body=_(
            "Hello {{ name }},\n\n"
            "your code is {{ code }}. It works for five minutes, in the browser that asked for "
            "it:\n\n"
            "{{ session }}\n\n"
            "You did not ask for it? Somebody knows your password: change it."
        ),
        placeholders=(
            *COMMON,
            Placeholder("code", _("The six digits"), "482913", is_required=True),
            Placeholder("session", _("The browser that asked"), "[audit01][Laptop] - Linux/Chrome"),
        ),
    ),
}


def send_code(session: TrustedSession, code: OneTimeSecret) -> bool:
    """Mail the code at once, for it does not live long. False where the server does not take it."""
    values = letters.values_of(session.identity) | {"code": code.take(), "session": session.name}
    try:
        letters.send(CODE, values, session.identity.email)
    except OSError:
        logger.exception("A code was not mailed", extra={"trusted_session": str(session.pk)})
        return False
    return True
