from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import LifecycleState
from accounts.profiles.lifecycle_states.actions import MOST_PRIORITY, Draft
from accounts.profiles.lifecycle_states.models import Entry, IdentityState
from console.profiles.forms import LONGEST_INPUT
from console.ui import conflicts


def _text(label: Any, help_text: Any = "", *, lines: int = 1, empty: Any = "") -> Any:
    """A field that must be filled in if `empty` says what to do where it is not."""
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    widget = forms.TextInput(attrs=attributes) if lines == 1 else forms.Textarea({"rows": lines})
    return forms.CharField(
        label=label,
        required=bool(empty),
        error_messages={"required": empty},
        strip=False,
        max_length=LONGEST_INPUT,
        help_text=help_text,
        widget=widget,
    )


class StateForm(forms.Form):
    """A life-cycle state."""

    name = _text(_("Name"), _("What people read, such as On leave."), empty=_("Type a name."))
    description = _text(_("Description"), lines=2)
    on_entry = forms.ChoiceField(
        label=_("When an identity enters this state"),
        required=False,
        choices=[
            (Entry.NOTHING, _("Leave it as it is")),
            (Entry.DISABLE, _("Disable it: sessions end, its keys and tokens stop")),
            (Entry.ENABLE, _("Enable it, if a life-cycle state had disabled it")),
        ],
        widget=forms.RadioSelect,
        help_text=_("Those that are in the state already stay as they are."),
    )
    identity_state = forms.ChoiceField(
        label=_("Identity state"),
        required=False,
        choices=IdentityState.choices,
        help_text=_("Written to the attribute identityState, unless that is mapped."),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        required=False,
        help_text=_("The order in which states are listed. Empty: the last."),
        widget=forms.NumberInput(attrs={"min": 1, "max": MOST_PRIORITY}),
        error_messages={"invalid": _("Type a whole number.")},
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    opened = conflicts.OpenedField()

    @staticmethod
    def stored(state: LifecycleState) -> dict[str, Any]:
        names = StateForm.base_fields.keys() - {"opened"}
        return {name: getattr(state, name) for name in names}

    def draft(self) -> Draft:
        """What a valid form says."""
        names = StateForm.base_fields.keys() - conflicts.OWN_FIELDS
        return Draft(**{name: self.cleaned_data[name] for name in names})


class NewStateForm(StateForm):
    technical_name = _text(
        _("Technical name"),
        _(
            "What the attribute Lifecycle State (cloudLifecycleState) is mapped to, letter by "
            "letter, such as onLeave. It cannot be changed later."
        ),
        empty=_("Type a technical name, such as onLeave."),
    )
    field_order = ("name", "technical_name")
