from __future__ import annotations

from django import forms

from accounts.lib.errors import DomainError


def add_error(form: forms.BaseForm, error: DomainError) -> None:
    """Say what the domain refused: at the field that it names, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
