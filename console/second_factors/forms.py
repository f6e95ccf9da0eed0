from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.sealing import SealBroken
from accounts.second_factors import actions, totp
from accounts.second_factors.adapter import opened, sealed, secrets_of
from console.ui import passkeys

OFFERED_FOR = timedelta(minutes=20)
"""How long the page of a new secret may stand open."""


class AppForm(forms.Form):
    """A code of the app that was set up with the secret, which travels along sealed."""

    offer = forms.CharField(max_length=2000, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("Code of the app"),
        max_length=20,
        help_text=_("The six digits that it shows for this account now."),
        error_messages={"required": _("Type the code that the app shows.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=actions.NAME_MAX_LENGTH,
        required=False,
        help_text=_("By which you know it again, such as “Laptop” or “Key on the key ring”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    credential = passkeys.CredentialField()


def offer(identity: Identity, *, at: datetime) -> tuple[str, str]:
    """A new secret for an app, and the same sealed for its owner's next request."""
    secret = totp.new_secret()
    content = json.dumps({"secret": secret, "until": (at + OFFERED_FOR).timestamp()})
    with secrets_of(identity):
        return secret, base64.urlsafe_b64encode(sealed(content).encode()).decode()


def offered(identity: Identity, text: str, *, at: datetime) -> str | None:
    """The secret that was offered to them; None if it was not, or too long ago."""
    try:
        with secrets_of(identity):
            content = json.loads(opened(base64.urlsafe_b64decode(text.encode()).decode()))
    except (SealBroken, ValueError):
        return None
    return str(content["secret"]) if content["until"] > at.timestamp() else None
