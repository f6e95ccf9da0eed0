"""Fields that forms of several slices have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django import forms

from accounts.models import Identity

if TYPE_CHECKING:
    _IdentityField = forms.ModelChoiceField[Identity]
else:
    _IdentityField = forms.ModelChoiceField  # it is generic only for the type checker


ASKED_FOR: Final = "django/forms/asked_for.html"


class OwnerField(_IdentityField):
    """People by the name that they are shown under; the user name tells namesakes apart."""

    def label_from_instance(self, obj: Identity) -> str:
        if obj.display_name.casefold() == obj.user_name.casefold():
            return obj.display_name
        return f"{obj.display_name} ({obj.user_name})"


def not_called_optional(form: forms.Form, *names: str) -> None:
    """Leave out the word beside fields that may stay empty only by what another field says."""
    for name in names:
        form.fields[name].template_name = ASKED_FOR  # type: ignore[attr-defined]  # not in the stubs
