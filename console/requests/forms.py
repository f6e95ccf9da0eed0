from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.lib.registry import Registry
from accounts.models import Group, Identity, ServiceAccount, StoredAccount
from accounts.requests.models import REASON_MAX_LENGTH
from accounts.service_accounts.models import ServiceAccountQuerySet
from accounts.vault import queries as vault
from accounts.vault.models import ShareRole
from console.ui.fields import PersonField, meant, not_called_optional
from console.ui.obligatory import mark_obligatory
from tokens.credentials.asked_for import MOST_DAYS, NAME
from tokens.credentials.types.key_pair import ALGORITHMS, KEY_PAIR
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.scopes import in_force

LONGEST_INPUT: Final = 5_000
"""Characters; the domain says what is too long, in better words."""
ACCOUNTS_LOOKED_AT: Final = 200
"""Of one owner, for the scopes that a token of theirs can have."""
NO_DATE: Final = _("Type a date, such as 2027-12-31.")


class RequestForm(forms.Form):
    """What every request says: why. Forms of a kind add what it needs."""

    has_scopes = False
    reason = forms.CharField(
        label=_("Reason"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": REASON_MAX_LENGTH}),
        help_text=_("What you need it for. Whoever decides reads it."),
        error_messages={"required": _("Say what it is for. Whoever decides reads it.")},
    )

    def __init__(self, *args: Any, person: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.own = ServiceAccount.objects.existing().filter(owner=person).order_by("name")
        last = ("scopes", "reason")  # scopes are hundreds, and come after what is short
        self.order_fields([*(name for name in self.fields if name not in last), *last])
        self.prepare()

    def prepare(self) -> None:
        """Fill the choices that depend on the person."""

    def lacks(self) -> str:
        """Why there is nothing to ask for by this form; empty where there is."""
        return ""

    def details(self) -> dict[str, Any]:
        """What the kind of the request takes, beside the reason."""
        return {}

    def chosen_scopes(self) -> list[str]:
        """The ticked scopes, also of a form that is not valid."""
        return [str(name) for name in self["scopes"].value() or []] if self.has_scopes else []


class AboutOwnForm(RequestForm):
    """About a service account that one owns."""

    def lacks(self) -> str:
        if self.own.exists():
            return ""
        return _now("You own no service account. Ask for one first: it is yours once approved.")


def day_field(label: Any, help_text: Any, *, required: bool) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=help_text,
        error_messages={"invalid": NO_DATE, "required": NO_DATE},
    )


def _end_of(day: date | None) -> str:
    return datetime.combine(day, time(23, 59, 59), tzinfo=UTC).isoformat() if day else ""


def _account(help_text: Any = "") -> forms.ModelChoiceField[ServiceAccount]:
    return forms.ModelChoiceField(
        label=_("Service account"),
        help_text=help_text,
        queryset=ServiceAccount.objects.none(),
        empty_label=_("Choose one of yours"),
        error_messages={
            "required": _("Choose an account that you own."),
            "invalid_choice": _("Choose an account that you own."),
        },
    )


class GroupMembershipForm(RequestForm):
    group = forms.ModelChoiceField(
        label=_("Group"),
        queryset=Group.objects.none(),
        empty_label=_("Choose a group"),
        help_text=_("Groups that can be asked for. What a group gives stands on its request."),
        error_messages={
            "required": _("Choose a group."),
            "invalid_choice": _("Choose a group that can be asked for."),
        },
    )
    account = forms.ModelChoiceField(
        label=_("For"),
        queryset=ServiceAccount.objects.none(),
        required=False,
        empty_label=_("Myself"),
        help_text=_("One of the service accounts that you own, or yourself."),
        error_messages={"invalid_choice": _("Choose an account that you own.")},
    )
    until = day_field(_("Needed until"), _("The last day (UTC). Empty: for good."), required=False)

    def prepare(self) -> None:
        _fill(self, "group", Group.objects.filter(may_be_requested=True).order_by("name"))
        _fill(self, "account", self.own)

    def lacks(self) -> str:
        if Group.objects.filter(may_be_requested=True).exists():
            return ""
        return _now("No group can be asked for. An administrator opens one with May be requested.")

    def details(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        account = cleaned["account"]
        return {
            "group": str(cleaned["group"].pk),
            "account": str(account.pk) if account else "",
            "until": _end_of(cleaned["until"]),
        }


class ScopesMixin(RequestForm):
    has_scopes = True
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(name, name) for name in in_force.catalogue()]


class NewServiceAccountForm(ScopesMixin):
    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("No two accounts may have names that look alike."),
        error_messages={"required": _("Type a name.")},
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the account is for and which program uses it, for whoever finds it."),
        error_messages={"required": _("Say what the account is for.")},
    )
    ends_at = day_field(
        _("End date"),
        _("The account stops working at the end of this day (UTC). Empty for no end."),
        required=False,
    )
    successor = PersonField(
        label=_("Successor"),
        required=False,
        help_text=_(
            "The user name or e-mail address of the person who owns the account once you have "
            "left. Without one it goes to your manager."
        ),
    )

    def prepare(self) -> None:
        super().prepare()
        meant(self, "successor").by = self.person
        mark_obligatory(self, called={"successor": "successor", "ends_at": "ends_at"})

    def details(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        successor = cleaned["successor"]
        return {
            "successor": str(successor.pk) if successor else "",
            "name": cleaned["name"],
            "purpose": cleaned["purpose"],
            "scopes": cleaned["scopes"],
            "ends_at": _end_of(cleaned["ends_at"]),
        }


class MoreScopesForm(AboutOwnForm, ScopesMixin):
    account = _account()

    def prepare(self) -> None:
        super().prepare()
        _fill(self, "account", self.own)

    def details(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"account": str(cleaned["account"].pk), "scopes": cleaned["scopes"]}


class LongerLifeForm(AboutOwnForm):
    account = _account(_("One of yours that has an end date."))
    ends_at = day_field(
        _("New end date"), _("The last day (UTC) on which it works."), required=True
    )

    def prepare(self) -> None:
        _fill(self, "account", self._ending)

    def lacks(self) -> str:
        if lacking := super().lacks():
            return lacking
        if self._ending.exists():
            return ""
        return _now("None of your service accounts has an end date: they work until changed.")

    @property
    def _ending(self) -> ServiceAccountQuerySet:
        return self.own.filter(ends_at__isnull=False)

    def details(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"account": str(cleaned["account"].pk), "ends_at": _end_of(cleaned["ends_at"])}


class NewCredentialForm(AboutOwnForm):
    account = _account()
    credential = forms.ChoiceField(
        label=_("What you need"),
        choices=[(KEY_PAIR, _("Key pair")), (PERSONAL_ACCESS_TOKEN, _("Personal access token"))],
        widget=forms.RadioSelect,
        help_text=_(
            "A program signs with a key pair, which is the safer of the two; a token is an ID and "
            "a secret, for clients that cannot sign."
        ),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose a key pair or a token.")
        ),
    )
    days = forms.IntegerField(
        label=_("Works for"),
        initial=90,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("Days from the moment at which you have it made, 1 to 365."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Type a number of days from 1 to 365."),
        ),
    )
    algorithm = forms.ChoiceField(
        label=_("Algorithm of a key"), choices=[(name, name) for name in ALGORITHMS], required=False
    )
    name = forms.CharField(
        label=_("What a token is for"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Of a token only: its name, such as “Nightly export”."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes of a token"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Of a token only, among those of its account. None ticked: all that the account has."
        ),
    )

    def prepare(self) -> None:
        _fill(self, "account", self.own)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        held = self.own.values_list("scopes", flat=True)[:ACCOUNTS_LOOKED_AT]
        scopes.choices = [(name, name) for name in sorted({name for each in held for name in each})]
        not_called_optional(self, "algorithm", "name", "scopes")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_token = cleaned.get("credential") == PERSONAL_ACCESS_TOKEN
        if is_token and not cleaned.get("name", "").strip() and "name" not in self.errors:
            self.add_error("name", _now("Say what the token is for."))
        return cleaned

    def details(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {name: cleaned[name] for name in ("credential", "days", "algorithm", "name")} | {
            "account": str(cleaned["account"].pk),
            "scopes": cleaned["scopes"],
        }


class StoredAccountField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A stored account by its label and application; no more is said of it."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.label} ({obj.application})"


class VaultItemForm(RequestForm):
    item = StoredAccountField(
        label=_("Stored account"),
        queryset=StoredAccount.objects.none(),
        empty_label=_("Choose an account"),
        help_text=_("Accounts in the vault that can be asked for. An owner decides, too."),
        error_messages={
            "required": _("Choose a stored account."),
            "invalid_choice": _("Choose a stored account that can be asked for."),
        },
    )
    role = forms.ChoiceField(
        label=_("As"),
        choices=ShareRole.choices,
        initial=ShareRole.COLLABORATOR,
        widget=forms.RadioSelect,
        help_text=_("Collaborators see its details, and not its password; owners have everything."),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose owner or collaborator.")
        ),
    )
    until = day_field(_("Needed until"), _("The last day (UTC). Empty: for good."), required=False)

    def prepare(self) -> None:
        _fill(self, "item", vault.requestable().order_by("label", "pk"))

    def details(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "item": str(cleaned["item"].pk),
            "role": cleaned["role"],
            "until": _end_of(cleaned["until"]),
        }


def _fill(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


request_forms: Registry[type[RequestForm]] = Registry("form of a request")
request_forms.register("group_membership", GroupMembershipForm)
request_forms.register("new_service_account", NewServiceAccountForm)
request_forms.register("more_scopes", MoreScopesForm)
request_forms.register(NAME, NewCredentialForm)
request_forms.register("longer_life", LongerLifeForm)
request_forms.register("vault_item", VaultItemForm)
