"""Fields that forms of several slices have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.identities import naming
from accounts.lib.tries import TooManyTries
from accounts.models import Identity

if TYPE_CHECKING:
    _IdentityField = forms.ModelChoiceField[Identity]
else:
    _IdentityField = forms.ModelChoiceField  # it is generic only for the type checker


LONGEST_NAME: Final = 5_000
"""Characters; nobody has a longer one, and nobody is found by it."""
NOBODY_SUCH: Final = _("Type the user name of another person who can sign in.")
ASKED_FOR: Final = "django/forms/asked_for.html"


class OwnerField(_IdentityField):
    """People by the name that they are shown under; the user name tells namesakes apart."""

    def label_from_instance(self, obj: Identity) -> str:
        if obj.display_name.casefold() == obj.user_name.casefold():
            return obj.display_name
        return f"{obj.display_name} ({obj.user_name})"


class PersonField(forms.CharField):
    """A person who can sign in, by user name or e-mail address. Whom one means has to be known:
    it lists nobody."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        messages = {"required": NOBODY_SUCH} | kwargs.pop("error_messages", {})
        super().__init__(
            max_length=LONGEST_NAME,
            widget=forms.TextInput(attrs=attrs),
            error_messages=messages,
            **kwargs,
        )
        self.by: Identity | None = None
        """Whoever fills the form in; they are not meant themselves."""

    def clean(self, value: Any) -> Identity | None:
        text = str(super().clean(value) or "").strip()
        if not text:
            return None
        assert self.by is not None
        return named(text, by=self.by)


def named(text: str, *, by: Identity) -> Identity:
    """The other person who is meant by a user name or e-mail address.

    Raises:
        ValidationError: nobody is, or `by` has tried names of nobody too often lately.
    """
    try:
        found = naming.meant(text, by=by)
        if found is None:
            naming.count_unknown(by)
    except TooManyTries as error:
        raise forms.ValidationError(error.message) from error
    if found is None:
        raise forms.ValidationError(NOBODY_SUCH)
    return found


def meant(form: forms.Form, name: str) -> PersonField:
    """The field of a form by which somebody is named."""
    field = form.fields[name]
    assert isinstance(field, PersonField)
    return field


def not_called_optional(form: forms.Form, *names: str) -> None:
    """Leave out the word beside fields that may stay empty only by what another field says."""
    for name in names:
        form.fields[name].template_name = ASKED_FOR  # type: ignore[attr-defined]  # not in the stubs
