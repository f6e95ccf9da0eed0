from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.integrations.actions import IntegrationDraft
from accounts.integrations.models import Environment
from accounts.models import Identity, Integration
from console.ui import conflicts
from console.ui.fields import LONGEST_NAME, named

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""
PLAIN: Final = {"autocomplete": "off", "spellcheck": "false"}


class IntegrationForm(forms.Form):
    """Which program it is, who answers for it, what it needs, and by what it is known."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("What it does with the account, such as “Nightly payroll export”."),
        error_messages={"required": _("Type a name.")},
    )
    application = forms.CharField(
        label=_("Application"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("The program or system that it is part of."),
        error_messages={"required": _("Type the program or system that it is part of.")},
    )
    environment = forms.ChoiceField(
        label=_("Environment"), choices=Environment.choices, initial=Environment.PRODUCTION
    )
    owner = forms.CharField(
        label=_("Owner"),
        required=False,
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs=PLAIN | {"autocapitalize": "none"}),
        help_text=_("User name or e-mail address of the person who answers for the program."),
    )
    contact = forms.CharField(
        label=_("Contact"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("Whom to tell before something changes: a team, a mailing list, a channel."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes it needs"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "bounded"}),
        help_text=_("Whoever is about to take one of them off the account is told of it."),
        error_messages={"invalid_choice": _("The account does not have one of these scopes.")},
    )
    client = forms.CharField(
        label=_("Client"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("The User-Agent that it sends, as “Who is using it” shows it."),
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("The IP address that it calls from. With client or address its use is known."),
    )
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Never a password or key: whoever sees the account can read this."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    opened = conflicts.OpenedField()

    def __init__(
        self,
        *args: Any,
        by: Identity,
        had: Sequence[str],
        integration: Integration | None = None,
        **kwargs: Any,
    ) -> None:
        """`had` are the scopes that the account has."""
        super().__init__(*args, **kwargs)
        self.by = by
        self.integration = integration
        self._owner: Identity | None = None
        stored = integration.scopes if integration is not None else []
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in dict.fromkeys([*stored, *had])]
        if not field.choices:
            del self.fields["scopes"]

    @staticmethod
    def stored(integration: Integration) -> dict[str, Any]:
        return {
            "name": integration.name,
            "application": integration.application,
            "environment": str(integration.environment),
            "owner": integration.owner.user_name if integration.owner else "",
            "contact": integration.contact,
            "scopes": list(integration.scopes),
            "client": integration.client,
            "address": integration.address,
            "notes": integration.notes,
            "revision": integration.revision,
        }

    def clean_owner(self) -> str:
        """Who is owner already may stay, also where they cannot sign in any more."""
        text = str(self.cleaned_data["owner"])
        if not text:
            return ""
        now = self.integration.owner if self.integration is not None else None
        known = {each.user_name.casefold(): each for each in (self.by, now) if each is not None}
        self._owner = known.get(text.casefold()) or named(text, by=self.by)
        return self._owner.user_name

    def draft(self) -> IntegrationDraft:
        cleaned = self.cleaned_data
        return IntegrationDraft(
            name=cleaned["name"],
            application=cleaned["application"],
            environment=Environment(cleaned["environment"]),
            owner=self._owner,
            contact=cleaned["contact"],
            scopes=cleaned.get("scopes", []),
            client=cleaned["client"],
            address=cleaned["address"],
            notes=cleaned["notes"],
        )
