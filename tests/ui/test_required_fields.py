"""A field that was left empty says what to type, not that it is required."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
from django import forms

import console
from accounts.sources.connectors import connectors
from console.sign_in.forms import SignInForm
from console.sources.forms import ConfigurationForm, NewSourceForm

DJANGOS = str(forms.Field.default_error_messages["required"])


def forms_of_the_console() -> list[type[forms.Form]]:
    found: set[type[forms.Form]] = set()
    for module in pkgutil.walk_packages(console.__path__, "console."):
        if module.name.rpartition(".")[2] not in {"forms", "views"} and "form" not in module.name:
            continue
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        found |= {
            member
            for _name, member in members
            if issubclass(member, forms.Form) and member.__module__.startswith("console.")
        }
    return sorted(found, key=lambda form: (form.__module__, form.__qualname__))


def unsaid(fields: dict[str, forms.Field]) -> list[str]:
    """Fields that people type into and that have only the framework's words for nothing.

    A choice that has a first value, ticked or selected, cannot be left empty by a person.
    """
    return [
        name
        for name, field in fields.items()
        if field.required
        and not field.widget.is_hidden
        and not isinstance(field, forms.ChoiceField)
        and str(field.error_messages["required"]) == DJANGOS
    ]


@pytest.mark.parametrize("form", forms_of_the_console(), ids=lambda form: form.__qualname__)
def test_every_form_says_what_to_type(form: type[forms.Form]) -> None:
    if form is SignInForm:  # allauth writes its fields anew in each form
        assert unsaid(SignInForm().fields) == []
    else:
        assert unsaid(form.base_fields) == []


def test_many_forms_are_looked_at() -> None:
    assert len(forms_of_the_console()) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("name", list(connectors.keys()))
def test_every_setting_of_a_connector_says_it_too(name: str) -> None:
    connector = connectors.get(name)
    for form in (NewSourceForm, ConfigurationForm):
        assert unsaid(form(connector=connector).fields) == []
