from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Identity, StoredAccount, Vault
from accounts.vault import catalogue, generator
from accounts.vault.drafts import FIELD_LENGTHS, MOST_FIELDS, ItemDraft
from accounts.vault.models import Kind, ShareRole, VaultKind
from console.ui.days import LastDayField
from console.ui.fields import PersonField, meant, not_called_optional

LONGEST_INPUT: Final = 20_000
"""Characters; the domain has the real bounds, and says them better."""
SPARE_FIELDS: Final = 2
"""Empty rows for custom fields that a form offers."""
FIELD_TYPES: Final = (("short", _("Short text")), ("long", _("Long text")), ("url", _("URL")))


def _text(
    label: Any, *, empty: Any = "", help_text: Any = "", lines: int = 1, list_id: str = ""
) -> forms.CharField:
    attributes: dict[str, Any] = {"autocomplete": "off", "spellcheck": "false"}
    if list_id:
        attributes["list"] = list_id
    widget: forms.Widget = forms.TextInput(attrs=attributes)
    if lines > 1:
        widget = forms.Textarea(attrs={"rows": lines})
    return forms.CharField(
        label=label,
        required=bool(empty),
        error_messages={"required": empty},
        strip=False,
        max_length=LONGEST_INPUT,
        help_text=help_text,
        widget=widget,
    )


class GeneratorMixin(forms.Form):
    """A password that is typed, or made by chance: the button sends the whole form, so it works
    without JavaScript."""

    password = forms.CharField(
        label=_("Current password"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "spellcheck": "false"}, render_value=True
        ),
        help_text=_("With which one signs in to the application. It is kept sealed."),
    )
    how = forms.ChoiceField(
        label=_("What to make"),
        required=False,
        choices=[
            ("characters", _("Characters by chance")),
            ("passphrase", _("A passphrase of made-up words")),
        ],
        initial="characters",
        widget=forms.RadioSelect,
    )
    length = forms.IntegerField(
        label=_("Length"),
        required=False,
        initial=generator.DEFAULT_LENGTH,
        widget=forms.NumberInput(attrs={"min": generator.SHORTEST, "max": generator.LONGEST}),
        help_text=_("Characters, 5 to 50."),
        error_messages={"invalid": _("Type a number from 5 to 50.")},
    )
    classes = forms.MultipleChoiceField(
        label=_("With"),
        required=False,
        choices=[
            ("upper", _("Upper case (A-Z)")),
            ("lower", _("Lower case (a-z)")),
            ("digits", _("Digits (0-9)")),
            ("symbols", _("Symbols (@#$%^&)")),
        ],
        initial=list(generator.CLASSES),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        not_called_optional(self, "how", "length", "classes")
        self.made = False
        """Whether the password was made just now: it is shown then, to be copied."""

    @property
    def strength(self) -> generator.Strength | None:
        typed = str(self["password"].value() or "")
        return generator.strength(typed) if typed else None

    @property
    def strength_in_words(self) -> str:
        return str(generator.IN_WORDS[self.strength]) if self.strength else ""

    def with_made(self) -> dict[str, Any]:
        """What was typed, with a password that is made as the form says: to begin a form with, in
        which nothing is said to be wrong yet.

        Raises:
            BadRecipe
        """
        if self.data.get("how") == "passphrase":
            password = generator.passphrase(length=self._length)
        else:
            chosen = self["classes"].value() or []
            password = generator.generate(length=self._length, classes=list(chosen))
        return {name: self[name].value() for name in self.fields} | {"password": password}

    def show_made(self) -> None:
        """Have the password read, which nobody has typed."""
        self.made = True
        self.fields["password"].widget = forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}
        )

    @property
    def _length(self) -> int:
        try:
            return int(self.data.get("length") or 0)
        except ValueError:
            return 0


class PasswordForm(GeneratorMixin):
    """Another password of an account."""

    field_order = ("password",)

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["password"].label = _("New password")
        self.fields["password"].required = True
        self.fields["password"].error_messages["required"] = _("Type or make a password.")


class ItemForm(forms.Form):
    """What is said of a stored account."""

    label = _text(_("Account label"), empty=_("Type a label."), help_text=_("Its name in Steward."))
    application = _text(
        _("App name or URL"),
        empty=_("Type the name of the application, or its address."),
        list_id="applications",
        help_text=_("Choose one from the list, or type a name or an address of your own."),
    )
    username = _text(_("Username"))
    vault = forms.ModelChoiceField(
        label=_("Vault"),
        queryset=Vault.objects.none(),
        empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a vault.")),
    )
    collection = _text(
        _("Collection"),
        list_id="collections",
        help_text=_("What belongs together, such as “Spring campaign”."),
    )
    rotate_every_days = forms.IntegerField(
        label=_("Replace the password every"),
        required=False,
        help_text=_("Days, 1 to 365; its owners are reminded. Empty: never."),
        error_messages={"invalid": _("Type a number of days from 1 to 365.")},
    )
    may_be_requested = forms.BooleanField(
        label=_("May be requested"),
        required=False,
        help_text=_("People may find its label and ask for a share; an owner decides."),
    )
    notes = _text(
        _("Notes"),
        lines=4,
        help_text=_("Read by everybody who has a share. Kept sealed. Put no password here."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: Kind,
        fields_now: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.kind = kind
        vaults = Vault.objects.filter(kind=VaultKind.CLOUD).order_by("-is_default", "name")
        if len(vaults) > 1:
            field = self.fields["vault"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = vaults
        else:
            del self.fields["vault"]
        if kind == Kind.PLACEHOLDER:
            self.fields["username"].help_text = _(
                "A dummy value will do: it is replaced once the account has an address of its own."
            )
        self.rows = min(fields_now + SPARE_FIELDS, MOST_FIELDS)
        for number in range(self.rows):
            self._add_custom(number)

    def _add_custom(self, number: int) -> None:
        name = _text(_("Name of the field"))
        kind = forms.ChoiceField(label=_("Type"), choices=FIELD_TYPES, required=False)
        value = _text(_("Value"), lines=2)
        self.fields |= {
            f"field_{number}_name": name,
            f"field_{number}_type": kind,
            f"field_{number}_value": value,
        }
        not_called_optional(self, *(f"field_{number}_{part}" for part in ("name", "type", "value")))

    @property
    def custom(self) -> Iterator[list[forms.BoundField]]:
        for number in range(self.rows):
            yield [self[f"field_{number}_{part}"] for part in ("name", "type", "value")]

    def draft(self) -> ItemDraft:
        cleaned = self.cleaned_data
        return ItemDraft(
            label=cleaned["label"],
            application=cleaned["application"],
            username=cleaned["username"],
            kind=self.kind,
            vault=cleaned.get("vault"),
            collection=cleaned["collection"],
            notes=cleaned.get("notes", ""),
            fields=list(self._custom_typed()),
            may_be_requested=cleaned.get("may_be_requested", False),
            rotate_every_days=cleaned["rotate_every_days"],
        )

    def _custom_typed(self) -> Iterator[dict[str, str]]:
        for number in range(self.rows):
            said = {
                part: self.cleaned_data.get(f"field_{number}_{part}", "")
                for part in ("name", "type", "value")
            }
            if said["name"].strip() or said["value"].strip():
                yield said | {"type": said["type"] or next(iter(FIELD_LENGTHS))}

    @staticmethod
    def stored(item: StoredAccount, draft: ItemDraft) -> dict[str, Any]:
        values = {
            "label": item.label,
            "application": catalogue.typed(item.application, item.url),
            "username": item.username,
            "vault": item.vault_id,
            "collection": item.collection,
            "notes": draft.notes,
            "may_be_requested": item.may_be_requested,
            "rotate_every_days": item.rotate_every_days,
            "revision": item.revision,
        }
        for number, field in enumerate(draft.fields):
            values |= {f"field_{number}_{part}": field[part] for part in ("name", "type", "value")}
        return values


class AddItemForm(GeneratorMixin, ItemForm):
    """An account, and its password."""


class ShareForm(forms.Form):
    """With whom an account is shared: a person, or a group."""

    person = PersonField(
        label=_("Person"), required=False, help_text=_("Their user name or e-mail address.")
    )
    group = forms.ModelChoiceField(
        label=_("Or a group"),
        queryset=Group.objects.none(),
        required=False,
        empty_label=_("No group"),
        help_text=_("Everybody in it, for as long as they belong to it. Service accounts do not."),
    )
    role = forms.ChoiceField(
        label=_("As"),
        choices=ShareRole.choices,
        initial=ShareRole.COLLABORATOR,
        widget=forms.RadioSelect,
        help_text=_(
            "Owners change the account, share it and have its password. Collaborators see its "
            "details, and not its password."
        ),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose owner or collaborator.")
        ),
    )
    until = LastDayField()

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Identity) -> None:
        super().__init__(data)
        meant(self, "person").by = person
        field = self.fields["group"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Group.objects.visible_to(person).order_by("name", "pk")
        if not field.queryset.exists():
            del self.fields["group"]
        not_called_optional(self, "person", *(["group"] if "group" in self.fields else []))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        named = [cleaned.get("person"), cleaned.get("group")]
        if not self.errors and sum(each is not None for each in named) != 1:
            message = _("Name one person, or choose one group.")
            self.add_error("person", str(message))
        return cleaned

    @property
    def holder(self) -> Identity | Group:
        found = self.cleaned_data.get("person") or self.cleaned_data.get("group")
        assert isinstance(found, Identity | Group)
        return found


class OwnerForm(forms.Form):
    """Who is to own an account that has no owner."""

    person = PersonField(label=_("New owner"), help_text=_("Their user name or e-mail address."))

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Identity) -> None:
        super().__init__(data)
        meant(self, "person").by = person


class VaultForm(forms.Form):
    """What a vault is called."""

    name = _text(_("Name"), empty=_("Type a name."))
    description = _text(_("Description"), lines=3, help_text=_("What belongs in it."))
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)


class ApplicationForm(forms.Form):
    """An application for the catalogue."""

    name = _text(_("Name"), empty=_("Type a name."))
    url = _text(_("Address of its sign-in page"), help_text=_("Such as https://example.com/login"))
    has_saml = forms.BooleanField(
        label=_("Supports SAML"),
        required=False,
        help_text=_("IdP-provisioned accounts are for such applications alone."),
    )
