from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.lib.errors import DomainError
from accounts.mail_templates import texts
from accounts.mail_templates.kinds import Kind
from accounts.mail_templates.models import BODY_LONGEST, SUBJECT_WIDTH
from accounts.mail_templates.texts import Text

LONGEST_INPUT = 10
"""Times the bound of the domain, which says better what is too long."""


EMPTY = _("This cannot be empty.")


class TemplateForm(forms.Form):
    subject = forms.CharField(
        label=_("Subject"),
        error_messages={"required": EMPTY},
        strip=False,
        max_length=LONGEST_INPUT * SUBJECT_WIDTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "wide"}),
    )
    body = forms.CharField(
        label=_("Text"),
        error_messages={"required": EMPTY},
        strip=False,
        max_length=LONGEST_INPUT * BODY_LONGEST,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text=_("Plain text. A placeholder such as {{ name }} stands for its value."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    """Of the text that was opened."""
    shown_for = forms.CharField(
        label=_("Preview for the user name"),
        required=False,
        max_length=200,
        help_text=_("Empty: with the samples below."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        typed = Text(values["subject"], values["body"])
        try:
            values["text"] = texts.clean(self.kind, typed)
        except DomainError as error:
            self.add_error(error.field, error.message)
        return values
