from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.trusted_sessions.actions import DEVICE_MAX_LENGTH


def _filled_in() -> forms.CharField:
    """What a script of ours fills in; it says why where it cannot."""
    said = _("This page needs JavaScript. Load it again in a browser that runs it.")
    return forms.CharField(
        widget=forms.HiddenInput, max_length=1_000, error_messages={"required": said}
    )


class NewSessionForm(forms.Form):
    """What a browser says of itself, with the public halves of its keys."""

    device = forms.CharField(
        label=_("Name of this device"),
        max_length=DEVICE_MAX_LENGTH,
        initial=_("Computer"),
        help_text=_("Such as Laptop, or Phone: you choose by it what to approve and to remove."),
        error_messages={"required": _("Name this device.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    session_id = forms.UUIDField(widget=forms.HiddenInput)
    agreement_key = _filled_in()
    signing_key = _filled_in()
    signature = _filled_in()


class ProofForm(forms.Form):
    """A challenge that a browser has signed."""

    session_id = forms.UUIDField(widget=forms.HiddenInput)
    signature = _filled_in()


class CodeForm(forms.Form):
    """The code that was mailed."""

    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=20,
        help_text=_("Six digits. It works for five minutes."),
        error_messages={"required": _("Type the code that was mailed to you.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


class ApproveForm(forms.Form):
    """That both browsers show the same digits."""

    same = forms.BooleanField(
        label=_("The new browser shows the same 24 digits"),
        error_messages={"required": _("Compare the digits, then tick that they are the same.")},
    )


class RecoveryKeyForm(forms.Form):
    """A recovery key without what stands on the paper."""

    recovery_id = forms.UUIDField(widget=forms.HiddenInput)
    agreement_key = _filled_in()
    wrapped_key = _filled_in()
    verifier = _filled_in()
    written = forms.BooleanField(
        label=_("Yes, I wrote this down"),
        error_messages={"required": _("Write the recovery key down first, then tick this.")},
    )


class RecoverForm(forms.Form):
    """That the recovery key was typed, without the key."""

    verifier = _filled_in()
