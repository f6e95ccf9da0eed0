"""Fields that the tenant wants of every service account, marked in the forms that have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from django import forms
from django.utils.html import format_html

from accounts.service_accounts import obligatory

AS_THEY_ARE_CALLED: Final = {field: field for field in obligatory.BY_FIELD}


def mark_obligatory(
    form: forms.Form,
    *,
    called: Mapping[str, str] = AS_THEY_ARE_CALLED,
    but: Collection[str] = (),
) -> None:
    """Let the form want what the tenant does, and say so; `called` has its own names for them."""
    for wanted in obligatory.fields():
        name = called.get(wanted, "")
        if name not in form.fields or name in but:
            continue
        field = form.fields[name]
        field.required = True
        field.error_messages["required"] = str(obligatory.MISSING[wanted])
        field.help_text = format_html("{} {}", obligatory.why(wanted), field.help_text)
