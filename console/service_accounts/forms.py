from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.identities import policies
from accounts.identities import queries as identities
from accounts.identities.emails import EMAIL_MAX_LENGTH, clean_email
from accounts.identities.models import IdentityQuerySet, Origin
from accounts.lib.errors import DomainError
from accounts.lib.names import MAX_NAME, clean_name, clean_text
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import queries
from accounts.service_accounts.actions import DESCRIPTION_MAX_LENGTH, Details, NameTaken
from console.ui.errors import cleaned_by
from console.ui.fields import OwnerField, PersonField, meant
from console.ui.key_forms import KeyForm
from console.ui.obligatory import mark_obligatory
from tokens.scopes import in_force
from tokens.scopes.coverage import check_assignable

OPENED_SALT: Final = "steward.service_accounts.opened"
DETAIL_FIELDS: Final = (
    "name",
    "description",
    "owner",
    "successor",
    "email",
    "scopes",
    "ends_at",
)
"""What a person can change, in the order of the form."""
OWNED_COLUMNS: Final = {"name": "display_name", "description": "description", "email": "email"}
"""Fields that a source may own, and the columns by which it does."""


class AccountForm(forms.Form):
    """What a service account is called, who answers for it, what it may do and until when."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("At most 100 characters. No two accounts may have names that look alike."),
        error_messages={"required": _("Type a name.")},
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it is for and which integration uses it, for whoever finds it later."),
    )
    owner = OwnerField(
        label=_("Owner"),
        queryset=Identity.objects.none(),
        required=False,
        empty_label=_("No owner"),
        help_text=_(
            "The person who answers for this account, sees it, and may be offered its key."
        ),
        error_messages={
            "invalid_choice": _("The owner must be a person who can sign in. Choose someone else.")
        },
    )
    successor = OwnerField(
        label=_("Successor"),
        queryset=Identity.objects.none(),
        required=False,
        empty_label=_("No successor"),
        help_text=_(
            "Who owns the account once its owner has left. Without one it goes to the manager of "
            "the owner."
        ),
        error_messages={
            "invalid_choice": _(
                "The successor must be a person who can sign in. Choose someone else."
            )
        },
    )
    email = forms.CharField(
        label=_("Contact e-mail"),
        required=False,
        strip=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "maxlength": EMAIL_MAX_LENGTH}),
        help_text=_(
            "Invitations, reminders and notices for this account go there, such as to the mailbox "
            "of a team. When it changes, links that are out stop working, and both addresses are "
            "told."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("There is no scope “%(value)s”.")},
    )
    ends_at = forms.DateField(
        label=_("End date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The account stops working at the end of this day (UTC). Empty for no end."),
        error_messages={"invalid": _("Type a date, such as 2027-12-31.")},
    )

    def __init__(self, *args: Any, account: ServiceAccount | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.owner_field.queryset = possible_owners(account.owner_id if account else None)
        successor = self.fields["successor"]
        assert isinstance(successor, OwnerField)
        successor.queryset = possible_owners(account.successor_id if account else None)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(name, name) for name in in_force.catalogue()]
        owned = set(self._show_origins(account)) if account is not None else set()
        mark_obligatory(self, but=owned)

    def _show_origins(self, account: ServiceAccount) -> list[str]:
        """What comes from a source can be read and copied; another value is refused on saving."""
        owned = policies.not_edited_by_hand(account.identity)
        if account.identity.origin == Origin.PROFILE and "display_name" not in owned:
            self.fields["name"].help_text = gettext(
                "It was made by an identity profile, with its user name for a name. You may "
                "change it: no mapping gives it, so that nothing sets it back."
            )
        for name, column in OWNED_COLUMNS.items():
            if column in owned:
                field = self.fields[name]
                field.widget.attrs["readonly"] = True
                said = gettext("It comes from %(origin)s. Change it there and apply the changes.")
                field.help_text = escape(said % {"origin": owned[column]})
        return [name for name, column in OWNED_COLUMNS.items() if column in owned]

    @property
    def owner_field(self) -> OwnerField:
        field = self.fields["owner"]
        assert isinstance(field, OwnerField)
        return field

    def clean_name(self) -> str:
        """Also look whether the name is free, before a key is made; the constraint decides."""
        name = _refined(clean_name, self.cleaned_data["name"], max_length=MAX_NAME)
        if taken := queries.spelling_of(name, but=self.account):
            raise ValidationError(NameTaken(taken).message)
        return name

    def clean_description(self) -> str:
        text = self.cleaned_data["description"]
        return _refined(clean_text, text, max_length=DESCRIPTION_MAX_LENGTH)

    def clean_email(self) -> str:
        return cleaned_by(clean_email, self.cleaned_data["email"])

    def clean_scopes(self) -> list[str]:
        try:
            return check_assignable(self.cleaned_data["scopes"])
        except DomainError as error:
            raise ValidationError(error.message) from error

    def details(self) -> Details:
        """What a valid form says."""
        cleaned = self.cleaned_data
        return Details(
            name=cleaned["name"],
            description=cleaned["description"],
            owner=cleaned["owner"],
            scopes=cleaned["scopes"],
            ends_at=self._ends_at(),
            email=cleaned["email"],
            successor=cleaned["successor"],
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        owner, successor = cleaned.get("owner"), cleaned.get("successor")
        if owner is not None and owner == successor:
            message = gettext(
                "The successor must be somebody else than the owner. Choose another person."
            )
            self.add_error("successor", message)
        return cleaned

    def _ends_at(self) -> datetime | None:
        """The last second of the day; an end set to the minute stays while its day does."""
        day = self.cleaned_data["ends_at"]
        if day is None:
            return None
        known = self.account.ends_at if self.account else None
        if known is not None and known.astimezone(UTC).date() == day:
            return known
        return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)

    def explain(self, error: DomainError) -> bool:
        """Put a refusal at the field that it names, or above the form."""
        self.add_error(error.field if error.field in self.fields else None, error.message)
        return True

    def chosen_scopes(self) -> list[str]:
        """The ticked scopes, also of a form that is not valid."""
        value = self["scopes"].value() or []
        return [str(name) for name in value]

    @classmethod
    def typed(cls, data: QueryDict) -> dict[str, Any]:
        """What was posted, as initial values of a form that shows it again without judging it."""
        fields = {**cls.base_fields}
        values = {n: f.widget.value_from_datadict(data, {}, n) for n, f in fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class NewForm(KeyForm, AccountForm):
    """A new account and where its first key comes from."""

    field_order = [*DETAIL_FIELDS, "key_origin", "algorithm", "key_expiry"]

    def explain(self, error: DomainError) -> bool:
        return KeyForm.explain(self, error) or AccountForm.explain(self, error)


class EditForm(AccountForm):
    """The account as it was when the form was opened is carried along, for whoever comes second."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)
    """The scopes whose removal was confirmed, as `confirmation` writes them."""
    revoke_tokens = forms.BooleanField(required=False, label=_("Revoke issued tokens now"))
    handed_over = forms.CharField(widget=forms.HiddenInput, required=False)
    """The tokens known to the owner before that were shown, as `confirmation` writes their ids."""
    keep_old_tokens = forms.BooleanField(required=False, label=_("Keep these tokens"))

    def typed_values(self) -> dict[str, Any]:
        """What a valid form says, in the shape of `as_form_values`."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "description": cleaned["description"],
            "owner": str(cleaned["owner"].pk) if cleaned["owner"] else "",
            "successor": str(cleaned["successor"].pk) if cleaned["successor"] else "",
            "email": cleaned["email"],
            "scopes": cleaned["scopes"],
            "ends_at": cleaned["ends_at"].isoformat() if cleaned["ends_at"] else "",
        }


class SuccessorForm(forms.Form):
    """Who comes after the owner, as the owner names them: whom one means has to be known."""

    successor = PersonField(
        label=_("Successor"),
        required=False,
        help_text=_("Their user name or e-mail address. Empty: it goes to your manager."),
    )

    def __init__(self, data: Any = None, *, account: ServiceAccount, person: Identity) -> None:
        named = account.successor
        super().__init__(data, initial={"successor": named.user_name} if named else {})
        meant(self, "successor").by = person
        mark_obligatory(self)


def _refined(clean: Any, text: str, *, max_length: int) -> str:
    try:
        return str(clean(text, max_length=max_length))
    except DomainError as error:
        raise ValidationError(error.message) from error


def possible_owners(present: UUID | None) -> IdentityQuerySet:
    """People who can sign in; and who it is at present, so that an edit can leave them."""
    people = identities.possible_owners()
    if present is None:
        return people
    return (people | Identity.objects.filter(pk=present)).order_by("display_name", "id")


def as_form_values(account: ServiceAccount) -> dict[str, Any]:
    """The fields of an account as the form shows them."""
    return {
        "name": account.name,
        "description": account.description,
        "owner": str(account.owner_id) if account.owner_id else "",
        "successor": str(account.successor_id) if account.successor_id else "",
        "email": account.identity.email,
        "scopes": list(account.scopes),
        "ends_at": account.ends_at.astimezone(UTC).date().isoformat() if account.ends_at else "",
    }


def initial_of(account: ServiceAccount) -> dict[str, Any]:
    """What the edit form starts with."""
    values = as_form_values(account)
    return values | {"revision": account.revision, "opened": seal_opened(values)}


def seal_opened(values: dict[str, Any]) -> str:
    return signing.dumps(values, salt=OPENED_SALT, compress=True)


def read_opened(text: str) -> dict[str, Any] | None:
    """The fields as they were when the form was opened; None where it does not say."""
    try:
        values = signing.loads(text, salt=OPENED_SALT)
    except signing.BadSignature:
        return None
    return values if isinstance(values, dict) else None


def confirmation(names: Collection[str]) -> str:
    """What an act takes away as one text, to be compared with what was confirmed."""
    return " ".join(sorted(names))
