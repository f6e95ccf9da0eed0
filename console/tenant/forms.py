from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.tenant.catalogue import switches


class SwitchesForm(forms.Form):
    """A tick box for every switch that is registered."""

    def __init__(
        self, *args: Any, states: Mapping[str, bool], may_change: bool, **kwargs: Any
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

    def changes(self) -> dict[str, bool]:
        """What this person changed; what somebody else changed meanwhile is left as it is."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
