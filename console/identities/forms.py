from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.authorization.levels import FORBIDDEN_PAIRS, LEVELS, level_choices_to_give
from accounts.identities.actions import PERSON_NAME_MAX_LENGTH
from accounts.identities.emails import clean_email
from accounts.identities.granting import Way
from accounts.lib.names import clean_name, clean_user_name
from accounts.models import Identity
from console.ui import conflicts
from console.ui.errors import cleaned_by

LONGEST_INPUT = 1000
"""Characters; the domain has the real bounds, and says them better."""


def _text(
    label: Any, *, empty: Any = "", help_text: Any = "", **attributes: Any
) -> forms.CharField:
    """A field that must be filled in if `empty` says what to do where it is not."""
    widget = forms.EmailInput if attributes.get("autocomplete") == "email" else forms.TextInput
    return forms.CharField(
        label=label,
        required=bool(empty),
        error_messages={"required": empty},
        strip=False,
        max_length=LONGEST_INPUT,
        help_text=help_text,
        widget=widget(attrs={**attributes, "autocomplete": "off"}),
    )


class PersonForm(forms.Form):
    """How a person is called, and where mail for them goes."""

    first_name = _text(gettext_lazy("First name"))
    last_name = _text(gettext_lazy("Last name"))
    email = _text(
        gettext_lazy("E-mail"),
        empty=gettext_lazy("Type an e-mail address, such as name@example.com."),
        autocomplete="email",
        help_text=gettext_lazy(
            "Invitations and notices go there. Several people may share an address."
        ),
    )

    def clean_first_name(self) -> str:
        return self._clean_part("first_name")

    def clean_last_name(self) -> str:
        return self._clean_part("last_name")

    def _clean_part(self, field: str) -> str:
        text: str = self.cleaned_data[field]
        if not text.strip():
            return ""
        return cleaned_by(clean_name, text, max_length=PERSON_NAME_MAX_LENGTH)

    def clean_email(self) -> str:
        return cleaned_by(clean_email, self.cleaned_data["email"])


class LevelsForm(forms.Form):
    levels = forms.MultipleChoiceField(
        label=gettext_lazy("User levels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without any, a person sees only the service accounts they own."),
        error_messages={"invalid_choice": gettext_lazy("There is no user level “%(value)s”.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["levels"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = level_choices_to_give()

    def cards(self) -> list[dict[str, Any]]:
        """Each level as a choice, with what it carries in words."""
        return [
            {
                "tag": box.tag(),
                "id": box.id_for_label,
                "level": LEVELS[box.data["value"]],
                "not_with": [
                    LEVELS[code].label
                    for pair in FORBIDDEN_PAIRS
                    if box.data["value"] in pair.codes
                    for code in sorted(pair.codes - {box.data["value"]})
                ],
            }
            for box in self["levels"]
        ]


class SetLevelsForm(LevelsForm):
    over_privileged = forms.BooleanField(
        label=gettext_lazy("This service account is to administer the whole tenant"),
        required=False,
    )


class LevelsOfSeveralForm(LevelsForm):
    way = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[
            (Way.ADD.value, gettext_lazy("Add the chosen levels")),
            (Way.TAKE.value, gettext_lazy("Take the chosen levels away")),
            (Way.EXACTLY.value, gettext_lazy("Set exactly the chosen levels")),
        ],
        initial=Way.ADD.value,
        widget=forms.RadioSelect,
    )


class NewPersonForm(LevelsForm, PersonForm):
    user_name = _text(
        gettext_lazy("User name"),
        empty=gettext_lazy("Type a user name."),
        help_text=gettext_lazy("They sign in with it. Letters, digits and . _ - @ +"),
        spellcheck="false",
        autocapitalize="none",
    )

    field_order = ["user_name", "first_name", "last_name", "email", "levels"]

    def clean_user_name(self) -> str:
        return cleaned_by(clean_user_name, self.cleaned_data["user_name"])


class EditPersonForm(PersonForm):
    opened_at = forms.DateTimeField(widget=forms.HiddenInput)
    """When the identity was last changed, as far as this form knows."""
    opened = conflicts.OpenedField()


class DeleteForm(forms.Form):
    """Asks for the user name, so that nobody is deleted by a slip."""

    user_name = _text(
        gettext_lazy("Type the user name to delete this identity"),
        empty=gettext_lazy("Type the user name."),
        spellcheck="false",
        autocapitalize="none",
    )

    def __init__(self, *args: Any, identity: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.identity = identity

    def clean_user_name(self) -> str:
        typed: str = self.cleaned_data["user_name"].strip()
        if typed != self.identity.user_name:
            raise forms.ValidationError(
                _("This is not the user name. Type %(name)s exactly as it stands here."),
                params={"name": self.identity.user_name},
            )
        return typed
