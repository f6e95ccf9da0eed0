from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.sign_in.rules import (
    IDLE_MINUTES,
    LONGEST_HOURS,
    PASSWORD_DAYS,
    Needed,
    Rules,
)
from accounts.tenant.catalogue import numbers, switches
from console.ui.fields import LONGEST_NAME, PersonField, meant


class GlobalForm(forms.Form):
    """A field for every number and every switch that is registered."""

    def __init__(
        self,
        *args: Any,
        states: Mapping[str, bool],
        values: Mapping[str, int],
        may_change: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, switch in switches.items():
            self.fields[name] = forms.BooleanField(
                label=str(switch.label),
                help_text=str(switch.help_text),
                initial=states[name],
                required=False,
                disabled=not may_change,
                # what the person saw goes along, see `changes`
                show_hidden_initial=may_change,
            )
        for name, number in numbers.items():
            bounds = {"lowest": number.lowest, "highest": number.highest}
            said = gettext("Type a whole number from %(lowest)d to %(highest)d.") % bounds
            self.fields[name] = forms.IntegerField(
                label=str(number.label),
                help_text=str(number.help_text),
                initial=values[name],
                min_value=number.lowest,
                max_value=number.highest,
                disabled=not may_change,
                show_hidden_initial=may_change,
                error_messages=_numbered(said),
            )

    def changes(self) -> dict[str, dict[str, Any]]:
        """What this person changed, as `actions.save` takes it.

        What somebody else changed meanwhile is left as it is.
        """
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        return {
            "states": {name: value for name, value in changed.items() if name in switches},
            "values": {name: value for name, value in changed.items() if name in numbers},
        }


def _numbered(said: Any) -> dict[str, Any]:
    """One sentence for whatever may be wrong with a number."""
    return dict.fromkeys(("required", "invalid", "min_value", "max_value"), said)


class HandOverForm(forms.Form):
    """To whom the tenant goes: named twice, for nobody can take it back."""

    to = PersonField(
        label=_("New Owner"),
        help_text=_("Their user name or e-mail address. They have registered and can sign in."),
    )
    name = forms.CharField(
        label=_("Type the user name of the new Owner to confirm"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type their user name.")},
    )

    def __init__(self, data: Any = None, *, person: Identity) -> None:
        super().__init__(data)
        meant(self, "to").by = person

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        to = values.get("to")
        if to is not None and values.get("name") and values["name"].strip() != to.user_name:
            said = gettext("This is not their user name. Type “%(name)s” exactly as it stands.")
            self.add_error("name", said % {"name": to.user_name})
        return values


class SignInForm(forms.Form):
    second_factor = forms.ChoiceField(
        label=_("Who needs a second factor"),
        choices=Needed.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "As administrators count the Owner, all with the user level Admin, and all whom a "
            "role, by itself or by a group, gives a permission in this console. Other levels, such "
            "as Auditor or Role Admin, do not count. Whoever has none sets one up before anything "
            "else, also who is signed in now."
        ),
        error_messages={
            "required": _("Choose one of the three."),
            "invalid_choice": _("Choose one of the three."),
        },
    )
    idle_minutes = forms.IntegerField(
        label=_("A session ends without use after"),
        min_value=IDLE_MINUTES[0],
        max_value=IDLE_MINUTES[1],
        help_text=_("Minutes, 5 to 480. A warning comes two minutes before."),
        error_messages=_numbered(_("Type a number of minutes from 5 to 480, such as 30.")),
    )
    longest_hours = forms.IntegerField(
        label=_("A session ends in any case after"),
        min_value=LONGEST_HOURS[0],
        max_value=LONGEST_HOURS[1],
        help_text=_("Hours since signing in, 1 to 24."),
        error_messages=_numbered(_("Type a number of hours from 1 to 24, such as 12.")),
    )
    password_days = forms.IntegerField(
        label=_("Passwords expire after"),
        required=False,
        min_value=PASSWORD_DAYS[0],
        max_value=PASSWORD_DAYS[1],
        help_text=_(
            "Days, 30 to 730. Empty: never. Whoever signs in with an older one chooses another "
            "before anything else; a mail says so seven days before. A passkey asks for no "
            "password. Service accounts are exempt."
        ),
        error_messages=_numbered(
            _("Type a number of days from 30 to 730, such as 365, or leave it empty for never.")
        ),
    )

    def __init__(self, *args: Any, rules: Rules, may_change: bool, **kwargs: Any) -> None:
        initial = asdict(rules) | {"password_days": rules.password_days or None}
        super().__init__(*args, **({"initial": initial} | kwargs))
        for field in self.fields.values():
            field.disabled = not may_change

    def rules(self) -> Rules:
        values = self.cleaned_data
        return Rules(**values | {"password_days": values["password_days"] or 0})
