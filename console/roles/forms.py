from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import IN_WORDS, SUBJECTS, Permission
from accounts.models import Role
from accounts.roles.actions import RoleDraft
from accounts.roles.policies import NOT_BY_ROLE
from console.ui import conflicts
from console.ui.days import LastDayField
from tokens.scopes import in_force

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""


class RoleForm(forms.Form):
    """What a role is called and what it carries."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Short and plain, such as payroll_reader."),
        error_messages={"required": _("Type a name.")},
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whose work needs it, for whoever gives it."),
    )
    contains = forms.MultipleChoiceField(
        label=_("Roles within it"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "bounded"}),
        help_text=_("Whoever has this role has these, too."),
        error_messages={"invalid_choice": _("One of the roles does not exist any more.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("There is no scope “%(value)s”.")},
    )
    permissions = forms.MultipleChoiceField(
        label=_("Console permissions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("You cannot give “%(value)s” by a role.")},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    opened = conflicts.OpenedField()

    def __init__(self, *args: Any, role: Role | None = None, **kwargs: Any) -> None:
        """What no role carries is not offered."""
        super().__init__(*args, **kwargs)
        others = Role.objects.order_by("name", "pk")
        if role is not None:
            others = others.exclude(pk=role.pk)
        held = role.containments.values_list("contained_id", flat=True) if role is not None else ()
        contained = set(held)
        scopes = [*in_force.catalogue()]
        scopes += [each for each in (role.scopes if role else []) if each not in scopes]
        self._choose_from(
            contains=[
                (str(pk), name)
                for pk, name in sorted(
                    others.values_list("pk", "name"),
                    key=lambda other: other[0] not in contained,  # what is ticked comes first
                )
            ],
            scopes=[(name, name) for name in scopes],
            permissions=[
                (each.value, str(IN_WORDS[each])) for each in Permission if each not in NOT_BY_ROLE
            ],
        )
        if not self.choices_of("contains"):
            del self.fields["contains"]

    def _choose_from(self, **choices: list[tuple[str, str]]) -> None:
        for name, listed in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = listed

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        return list(field.choices)  # type: ignore[arg-type]  # they were given as a list

    def chosen(self, name: str) -> list[str]:
        """What is ticked, also of a form that is not valid."""
        return [str(each) for each in self[name].value() or []]

    def subjects(self) -> Iterator[dict[str, Any]]:
        """The permissions to choose from, by what they are about."""
        chosen, listed = self.chosen("permissions"), self.choices_of("permissions")
        for subject, title in SUBJECTS.items():
            found = [
                {"value": value, "label": label, "selected": value in chosen}
                for value, label in listed
                if Permission(value).subject == subject
            ]
            if found:
                yield {"title": title, "permissions": found}

    def draft(self) -> RoleDraft:
        cleaned = self.cleaned_data
        return RoleDraft(
            cleaned["name"],
            cleaned["description"],
            cleaned["scopes"],
            cleaned["permissions"],
            [UUID(pk) for pk in cleaned.get("contains", [])],
        )

    @staticmethod
    def stored(role: Role) -> dict[str, Any]:
        contained = role.containments.values_list("contained_id", flat=True)
        return {
            "name": role.name,
            "description": role.description,
            "contains": sorted(str(pk) for pk in contained),
            "scopes": list(role.scopes),
            "permissions": list(role.permissions),
            "revision": role.revision,
        }


class EndForm(forms.Form):
    """Until when somebody has a role."""

    until = LastDayField()


class GiveForm(EndForm):
    """Which role an identity is to have by itself."""

    role = forms.ModelChoiceField(
        label=_("Role"),
        queryset=Role.objects.none(),
        empty_label=_("Choose a role"),
        error_messages={
            "required": _("Choose a role."),
            "invalid_choice": _("Choose a role that exists and that is not given already."),
        },
    )
    field_order = ("role", "until")

    def __init__(self, *args: Any, roles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = roles
