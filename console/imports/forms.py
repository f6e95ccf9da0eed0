from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from accounts.imports.files.encodings import encoding_choices
from accounts.imports.states import Mode
from accounts.jobs.clock import WEEKDAYS
from accounts.models import Schedule, Source
from accounts.sources.schedules import SUGGESTED_TIMES, Frequency, frequency_of
from console.ui.fields import not_called_optional

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
        error_messages=dict.fromkeys(
            ("invalid", "required"), gettext_lazy("Choose a percentage from 1 to 100.")
        ),
        widget=forms.NumberInput(attrs={"min": 1, "max": 100}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def stored(source: Source) -> dict[str, Any]:
        return {name: getattr(source, name) for name in ThresholdForm.base_fields}


class ScheduleForm(forms.Form):
    """When a source is read by itself."""

    frequency = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=(
            (Frequency.NEVER.value, gettext_lazy("Never by itself")),
            (Frequency.HOURLY.value, gettext_lazy("Every hour, on the hour")),
            (Frequency.DAILY.value, gettext_lazy("At set times of the day")),
        ),
        widget=forms.RadioSelect,
    )
    times = forms.CharField(
        label=gettext_lazy("Times"),
        required=False,
        max_length=LONGEST_INPUT,
        help_text=gettext_lazy("As HH:MM with commas between, such as 08:00, 20:00."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days"),
        required=False,
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: every day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        not_called_optional(self, "times")

    @staticmethod
    def stored(schedule: Schedule | None) -> dict[str, Any]:
        frequency = frequency_of(schedule)
        daily = schedule is not None and frequency == Frequency.DAILY
        return {
            "frequency": frequency.value,
            "times": ", ".join(schedule.times if schedule and daily else SUGGESTED_TIMES),
            "weekdays": schedule.weekdays if schedule else [],
        }

    def listed_times(self) -> list[str]:
        return [text for text in self.cleaned_data["times"].split(",") if text.strip()]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why these accounts may go"),
        max_length=LONGEST_INPUT,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("It stands in the audit log, with your name."),
        error_messages={"required": gettext_lazy("Say why these accounts may go.")},
    )
