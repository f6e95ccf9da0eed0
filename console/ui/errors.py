"""What the domain refuses, said in forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django import forms

from accounts.lib.errors import DomainError

P = ParamSpec("P")
T = TypeVar("T")


def add_error(form: forms.BaseForm, error: DomainError) -> None:
    """Say what the domain refused: at the field that it names, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, error.message)


def cleaned_by(clean: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Clean a value as the domain will, so that all that is wrong with a form is said at once.

    Raises:
        ValidationError: what the domain says.
    """
    try:
        return clean(*args, **kwargs)
    except DomainError as error:
        raise forms.ValidationError(error.message) from error
