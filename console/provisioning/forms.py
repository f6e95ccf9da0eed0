from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from console.ui.once import new_submission

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""
YEAR: Final = "365"
INCOMPLETE: Final = _("This form is incomplete. Open the page again.")


class TokenForm(forms.Form):
    """When a token ends."""

    lifetime = forms.ChoiceField(
        label=_("The token expires"),
        choices=[
            ("90", _("After 90 days")),
            ("180", _("After 180 days")),
            (YEAR, _("After a year")),
        ],
        initial=YEAR,
        help_text=_("Provisioning stops then, unless the token is rotated before."),
    )
    submission = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=new_submission,
        error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE},
    )

    def expires_at(self, now: datetime) -> datetime:
        return now + timedelta(days=int(self.cleaned_data["lifetime"]))


class NewForm(TokenForm):
    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "What the directory is called, such as Entra ID. A service account of this name is "
            "made, and the audit log names it."
        ),
        error_messages={"required": _("Type a name.")},
    )
    groups = forms.BooleanField(
        label=_("It also keeps groups and who belongs to them"), required=False, initial=True
    )
    field_order = ("name", "groups", "lifetime", "submission")


class RotateForm(TokenForm):
    keep_old_for = forms.ChoiceField(
        label=_("The old token works on"),
        choices=[
            ("0", _("Not at all: it stops now")),
            ("1", _("For an hour")),
            ("24", _("For a day")),
            ("168", _("For 7 days")),
        ],
        initial="24",
        help_text=_("Long enough to put the new one into the directory."),
    )
    field_order = ("keep_old_for", "lifetime", "submission")

    def overlap(self) -> timedelta:
        hours: Any = self.cleaned_data["keep_old_for"]
        return timedelta(hours=int(hours))
