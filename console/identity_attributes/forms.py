from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""


class RenameForm(forms.Form):
    """What people read of an attribute."""

    label = forms.CharField(
        label=_("Label"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What people read, such as Employee Number."),
        error_messages={"required": _("Type a label.")},
    )


class NewForm(RenameForm):
    name = forms.CharField(
        label=_("Technical name"),
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Letters, digits and _, such as employeeNumber. It cannot be changed later."),
        error_messages={"required": _("Type a technical name.")},
    )
