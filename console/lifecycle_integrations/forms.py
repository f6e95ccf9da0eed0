from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.lifecycle_integrations.actions import Connection, Rules
from accounts.lifecycle_integrations.connectors import connectors
from accounts.lifecycle_integrations.states import Auth, Leavers
from accounts.models import Group, Identity, LifecycleIntegration, StoredAccount
from accounts.vault.models import ShareRole
from console.ui.fields import LONGEST_NAME, named

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""
PLAIN: Final = {"autocomplete": "off", "spellcheck": "false"}
MOST_LISTED: Final = 500


class NewForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("What it is called here, such as “Marketing in Acme Ads”."),
        error_messages={"required": _("Type a name.")},
    )
    application = forms.CharField(
        label=_("App"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("The application whose accounts are to be kept."),
        error_messages={"required": _("Type the name of the application.")},
    )
    connector = forms.ChoiceField(label=_("How it is reached"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["connector"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, each.label) for name, each in connectors.items()]
        field.initial = next(iter(connectors.keys()))


class ConnectionForm(forms.Form):
    """Where the application is, and the service account by which it is reached."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_INPUT,
        widget=forms.URLInput(attrs=PLAIN),
        help_text=_("As the application names it, such as https://api.example.com/scim/v2."),
        error_messages={"required": _("Type the address.")},
    )
    auth = forms.ChoiceField(
        label=_("Login method"), choices=Auth.choices, widget=forms.RadioSelect, initial=Auth.BEARER
    )
    item = forms.ChoiceField(
        label=_("Account in the vault"),
        required=False,
        help_text=_(
            "One that you own: its user name and password are used, whatever they are then. With "
            "the login method “Token” its password is the token."
        ),
        error_messages={"invalid_choice": _("Choose an account in the vault that you own.")},
    )
    username = forms.CharField(
        label=_("User name"),
        required=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs=PLAIN | {"autocapitalize": "none"}),
        help_text=_("For the login method “User name and password” without the vault."),
    )
    secret = forms.CharField(
        label=_("Token or password"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept sealed and never shown. Empty: what is stored stays."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, by: Identity, lifecycle: LifecycleIntegration, **kwargs: Any
    ) -> None:
        stored = {
            "url": lifecycle.url,
            "auth": lifecycle.auth,
            "username": lifecycle.username,
            "item": str(lifecycle.item_id or ""),
            "revision": lifecycle.revision,
        }
        super().__init__(*args, **({"initial": stored} | kwargs))
        owned = StoredAccount.objects.existing().shared_with(by, timezone.now(), ShareRole.OWNER)
        rows = owned.filter(passwords__replaced_at=None).distinct().order_by("label", "pk")
        self.items = {str(item.pk): item for item in rows[:MOST_LISTED]}
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        none = _("None: the secret is typed below") if self.items else _("You own none")
        field.choices = [("", none), *((pk, item.label) for pk, item in self.items.items())]

    def wanted(self) -> Connection:
        cleaned = self.cleaned_data
        return Connection(
            url=cleaned["url"],
            auth=Auth(cleaned["auth"]),
            username=cleaned["username"],
            secret=cleaned["secret"],
            item=self.items.get(cleaned["item"]),
        )


class RulesForm(forms.Form):
    """Who should have an account, and what becomes of those who should have none any more."""

    groups = forms.MultipleChoiceField(
        label=_("Groups whose members have an account"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "bounded"}),
        error_messages={
            "required": _("Choose at least one group."),
            "invalid_choice": _("Choose groups of this list."),
        },
    )
    owner = forms.CharField(
        label=_("Owner"),
        required=False,
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs=PLAIN | {"autocapitalize": "none"}),
        help_text=_("User name or e-mail address of whoever is told when it is held or fails."),
    )
    leavers = forms.ChoiceField(
        label=_("The account of somebody who leaves these groups"),
        choices=Leavers.choices,
        widget=forms.RadioSelect,
    )
    adopt = forms.BooleanField(
        label=_("Link accounts that are there already"),
        required=False,
        help_text=_("An account of the same user name becomes that of the person, and is kept."),
    )
    threshold_percent = forms.IntegerField(
        label=_("Safeguard"),
        min_value=1,
        max_value=100,
        help_text=_(
            "Percent, 1 to 100. Where more of the linked accounts would be deactivated or removed, "
            "nothing is done until somebody has looked at the plan."
        ),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Type a whole number from 1 to 100."),
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, by: Identity, lifecycle: LifecycleIntegration, **kwargs: Any
    ) -> None:
        self.by, self.lifecycle = by, lifecycle
        chosen = [str(pk) for pk in lifecycle.groups.values_list("pk", flat=True)]
        stored = {
            "groups": chosen,
            "owner": lifecycle.owner.user_name if lifecycle.owner else "",
            "leavers": lifecycle.leavers,
            "adopt": lifecycle.adopt,
            "threshold_percent": lifecycle.threshold_percent,
            "revision": lifecycle.revision,
        }
        super().__init__(*args, **({"initial": stored} | kwargs))
        self._owner: Identity | None = None
        rows = Group.objects.visible_to(by).order_by("name", "pk")
        self.listed = {str(group.pk): group for group in rows[:MOST_LISTED]}
        field = self.fields["groups"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pk, group.name) for pk, group in self.listed.items()]

    def clean_owner(self) -> str:
        """Who is owner already may stay, also where they cannot sign in any more."""
        text = str(self.cleaned_data["owner"]).strip()
        if not text:
            return ""
        now = self.lifecycle.owner
        known = {each.user_name.casefold(): each for each in (self.by, now) if each is not None}
        self._owner = known.get(text.casefold()) or named(text, by=self.by)
        return self._owner.user_name

    def wanted(self) -> Rules:
        cleaned = self.cleaned_data
        return Rules(
            groups=[self.listed[pk] for pk in cleaned["groups"]],
            owner=self._owner,
            leavers=Leavers(cleaned["leavers"]),
            adopt=cleaned["adopt"],
            threshold_percent=cleaned["threshold_percent"],
        )
