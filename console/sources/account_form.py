"""The form of one account, made from the account schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.models import SchemaAttribute
from accounts.sources.connectors.base import Type

LONGEST_INPUT: Final = 100_000
"""Characters; the domain has the real bounds, and says them better."""


class AccountForm(forms.Form):
    """A field an attribute; their names count, since attributes may be called anything."""

    digest = forms.UUIDField(widget=forms.HiddenInput, required=False)
    """What the account was when the form was opened."""

    def __init__(
        self,
        *args: Any,
        attributes: Sequence[SchemaAttribute],
        values: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.attributes = {f"a{attribute.pk}": attribute for attribute in attributes}
        for name, attribute in self.attributes.items():
            self.fields[name] = _field(attribute)
            self.fields[name].initial = _shown((values or {}).get(attribute.name))

    def values(self) -> dict[str, str | list[str]]:
        """What was typed, by the attributes' own names."""
        return {
            attribute.name: self.cleaned_data[name].splitlines()
            if attribute.is_multi_valued
            else self.cleaned_data[name]
            for name, attribute in self.attributes.items()
        }

    def explain(self, error: DomainError) -> None:
        """Say a refusal at the attribute that it names, or above the form."""
        named = [n for n, attribute in self.attributes.items() if attribute.name == error.field]
        self.add_error(named[0] if named else None, error.message)


def _field(attribute: SchemaAttribute) -> forms.CharField:
    usual = {"autocomplete": "off", "spellcheck": "false"}
    widget: forms.Widget = forms.TextInput(attrs=usual)
    if attribute.is_multi_valued:
        widget = forms.Textarea(attrs={**usual, "rows": 3})
    return forms.CharField(
        label=attribute.name,
        required=attribute.is_account_id or attribute.is_account_name,
        error_messages={
            "required": _("Every account needs its %(name)s: type it.") % {"name": attribute.name}
        },
        strip=False,
        max_length=LONGEST_INPUT,
        help_text=" ".join(_help(attribute)),
        widget=widget,
    )


def _help(attribute: SchemaAttribute) -> list[str]:
    said: list[str] = [escape(attribute.description)] if attribute.description else []
    if attribute.is_account_id:
        said.append(_("(Account ID)"))
    if attribute.is_account_name:
        said.append(_("(Account Name)"))
    if attribute.is_multi_valued:
        said.append(_("One value a line."))
    if attribute.type != Type.STRING:
        said.append(_("Type: %(type)s.") % {"type": attribute.get_type_display()})
    return said


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_shown(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
