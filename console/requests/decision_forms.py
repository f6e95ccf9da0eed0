from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.requests.models import REASON_MAX_LENGTH
from accounts.requests.states import Verdict
from console.requests.forms import LONGEST_INPUT, day_field
from console.ui.fields import PersonField, meant


class DecisionForm(forms.Form):
    """Yes or no, why, and what was read."""

    verdict = forms.ChoiceField(
        choices=Verdict.choices,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Approve or reject.")),
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": REASON_MAX_LENGTH}),
        help_text=_("Obligatory where you reject. Whoever asked reads it."),
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AwayForm(forms.Form):
    """Who decides in one's place, and when. Whom one means has to be known: this lists nobody."""

    delegate = PersonField(
        label=_("Who decides for you"), help_text=_("Their user name or e-mail address.")
    )
    since = day_field(_("From"), _("The first day (UTC)."), required=True)
    until = day_field(_("Until"), _("The last day (UTC)."), required=True)

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Identity) -> None:
        super().__init__(data, initial={"since": timezone.now().date()})
        meant(self, "delegate").by = person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (first := cleaned.get("since")) and (last := cleaned.get("until")) and last < first:
            self.add_error("until", _now("The last day lies before the first."))
        return cleaned

    @property
    def times(self) -> tuple[datetime, datetime]:
        cleaned = self.cleaned_data
        return (
            datetime.combine(cleaned["since"], time.min, tzinfo=UTC),
            datetime.combine(cleaned["until"], time(23, 59, 59), tzinfo=UTC),
        )
