"""The name typed again, so that nobody deletes the wrong thing by a slip."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LONGEST_INPUT: Final = 4_000


class TypedNameForm(forms.Form):
    """Valid where the name is that of the thing; spaces and compositions do not matter."""

    name = forms.CharField(
        label=_("Type its name to confirm"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type its name.")},
    )

    def __init__(self, *args: Any, called: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.called = called

    def clean_name(self) -> str:
        typed = " ".join(unicodedata.normalize("NFC", self.cleaned_data["name"]).split())
        if typed != self.called:
            message = gettext("This is not its name. Type “%(name)s” exactly as it stands.")
            raise ValidationError(message % {"name": self.called})
        return typed
