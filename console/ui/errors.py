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


def submitted(form: forms.BaseForm, act: Callable[[], T]) -> T | None:
    """What came of the act that a valid form asks for.

    None where there is nothing to do: the form was only opened, or what is wrong stands in it now.
    """
    if not form.is_valid():
        return None
    try:
        return act()
    except DomainError as error:
        add_error(form, error)
        return None


def cleaned_by(clean: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Clean a value as the domain will, so that all that is wrong with a form is said at once.

    Raises:
        ValidationError: what the domain says.
    """
    try:
        return clean(*args, **kwargs)
    except DomainError as error:
        raise forms.ValidationError(error.message) from error
