from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from accounts.imports.files.encodings import encoding_choices
from accounts.imports.states import Mode
from accounts.models import Source

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Accounts file"),
        help_text=gettext_lazy(
            "A CSV file with the columns of the template. A plan comes first; nothing changes "
            "until you confirm it."
        ),
        allow_empty_file=True,  # the domain says why that is refused, and what to do
        error_messages={"required": gettext_lazy("Choose a file.")},
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Mode"),
        choices=Mode.choices,
        initial=Mode.FULL,
        widget=forms.RadioSelect,
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        required=False,
        choices=[("", gettext_lazy("Find out")), *encoding_choices()],
        help_text=gettext_lazy("What is found out is shown with the plan and can be corrected."),
    )


class EncodingForm(forms.Form):
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=encoding_choices())


class ThresholdForm(forms.Form):
    """The Account Delete Threshold alone; the rest of the source stays as it is."""

    deletion_disabled = forms.BooleanField(
        label=gettext_lazy("Disable Account Deletion"), required=False
    )
    delete_threshold_percent = forms.IntegerField(
        label=gettext_lazy("Cancel and Generate Warning After (%)"),
        error_messages={"invalid": gettext_lazy("Choose a percentage from 1 to 100.")},
        widget=forms.NumberInput(attrs={"min": 1, "max": 100}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def stored(source: Source) -> dict[str, Any]:
        return {name: getattr(source, name) for name in ThresholdForm.base_fields}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why these accounts may go"),
        max_length=LONGEST_INPUT,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("It stands in the audit log, with your name."),
        error_messages={"required": gettext_lazy("Say why these accounts may go.")},
    )
