from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import queries as service_accounts
from console.ui import conflicts
from console.ui.conflicts import Conflict, OpenedField
from console.ui.typed_name import TypedNameForm
from tokens.apis.actions import ApiDraft, ScopeDraft
from tokens.models import Api, ApiScope
from tokens.oauth.endpoints import introspect

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""
EXACT: Final = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class ApiForm(forms.Form):
    """What an API is called, and what its tokens say."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What people read beside its scopes, such as Payroll."),
        error_messages={"required": _("Type a name.")},
    )
    audience = forms.CharField(
        label=_("Audience"),
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={**EXACT, "class": "mono wide", "inputmode": "url"}),
        help_text=_(
            "An absolute URI, such as https://payroll.example.com/api. Tokens for this API name it "
            "as aud, and the API takes no others."
        ),
        error_messages={"required": _("Type the URI that the API knows itself by.")},
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it does and who runs it, for whoever chooses scopes."),
    )
    account = forms.CharField(
        label=_("Service account"),
        required=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(
            attrs={
                **EXACT,
                "class": "wide",
                "list": "account-names",
                "placeholder": _("Name or ID"),
            }
        ),
        help_text=format_lazy(
            _(
                "Who the API itself is. As this account it asks {path} whether a token that it is "
                "shown still holds, and learns that of tokens for its audience alone. Without one "
                "it cannot ask."
            ),
            path=introspect.PATHS[0],
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    opened = OpenedField()

    def __init__(
        self, *args: Any, person: Identity, account: ServiceAccount | None = None, **kwargs: Any
    ) -> None:
        """`account` is the one that the API has now."""
        super().__init__(*args, **kwargs)
        self.person, self.current = person, account

    def clean_account(self) -> ServiceAccount | None:
        text = self.cleaned_data["account"]
        if not text:
            return None
        if text == shown_as(self.current):
            return self.current
        found = service_accounts.called(self.person, text)
        if found is None:
            message = gettext("There is no service account with the name or ID “%(text)s”.")
            raise ValidationError(message % {"text": text[:200]})
        return found

    def draft(self) -> ApiDraft:
        cleaned = self.cleaned_data
        return ApiDraft(
            cleaned["name"], cleaned["audience"], cleaned["description"], cleaned["account"]
        )

    def compare(self, posted: QueryDict, current: Api) -> Conflict:
        """With what somebody else saved meanwhile; the form goes on with both."""
        self.cleaned_data["account"] = shown_as(self.cleaned_data["account"])
        who = conflicts.who_changed(current, ("own_api.edited",))
        found = conflicts.resolve(self, posted, current=self.initial_of(current), who=who)
        self.data = found.data
        return found

    @staticmethod
    def initial_of(api: Api) -> dict[str, Any]:
        return {
            "name": api.name,
            "audience": api.audience,
            "description": api.description,
            "account": shown_as(api.account),
            "revision": api.revision,
        }


def shown_as(account: ServiceAccount | None) -> str:
    """What stands in the form for an account; the name of a deleted one may be another's now."""
    if account is None:
        return ""
    return account.name if account.deleted_at is None else str(account.pk)


class ScopeForm(forms.Form):
    """What a scope allows, below which one it stands, and who gives it."""

    description = forms.CharField(
        label=_("Description"),
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "wide"}),
        help_text=_("What its holder can do, in a sentence: Read payslips."),
        error_messages={"required": _("Say what its holder can do.")},
    )
    parent = forms.ModelChoiceField(
        label=_("Parent"),
        queryset=ApiScope.objects.none(),
        required=False,
        empty_label=_("No parent"),
        help_text=_("Whoever holds the parent holds this scope too, unless it is restricted."),
        error_messages={"invalid_choice": _("Choose a scope of this API.")},
    )
    restricted = forms.BooleanField(
        label=_("Restricted"),
        required=False,
        help_text=_(
            "Only administrators give it, after confirming their password, and no parent that is "
            "not restricted covers it."
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    opened = OpenedField()

    def __init__(self, *args: Any, api: Api, scope: ApiScope | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ModelChoiceField)
        others = api.scopes.order_by("name")
        parent.queryset = others.exclude(pk=scope.pk) if scope else others

    def draft(self) -> ScopeDraft:
        cleaned = self.cleaned_data
        return ScopeDraft(
            description=cleaned["description"],
            name=cleaned.get("name", ""),
            parent=cleaned["parent"],
            restricted=cleaned["restricted"],
        )

    def compare(self, posted: QueryDict, current: ApiScope) -> Conflict:
        """With what somebody else saved meanwhile; the form goes on with both."""
        edited = ("own_api.scope_edited",)
        who = conflicts.who_changed(current.api, edited, scope=current.name)
        found = conflicts.resolve(self, posted, current=self.initial_of(current), who=who)
        self.data = found.data
        return found

    @staticmethod
    def initial_of(scope: ApiScope) -> dict[str, Any]:
        return {
            "description": scope.description,
            "parent": scope.parent_id,
            "restricted": scope.restricted,
            "revision": scope.revision,
        }


class NewScopeForm(ScopeForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={**EXACT, "class": "mono wide"}),
        help_text=_(
            "What programs ask for, such as payroll:read. It cannot be changed later. Names of "
            "the catalogues are taken."
        ),
        error_messages={"required": _("Type a name.")},
    )
    field_order = ("name", "description", "parent", "restricted")


class RemoveForm(TypedNameForm):
    """The name, and what else the page told."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    """Stands for the holders that the page named."""
