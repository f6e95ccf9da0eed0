"""Forms of local vaults. Secrets are no fields of them: none is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.vault.models import Kind, MemberRole
from console.ui.fields import PersonField, meant
from console.vault.forms import ItemForm, VaultForm


class LocalItemForm(ItemForm):
    """What is said of an account in a local vault; its secrets are no fields, for none is sent."""

    item_id = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, kind: Kind, **kwargs: Any) -> None:
        super().__init__(data, kind=kind, **kwargs)
        left_out = {"vault", "notes", "may_be_requested"}
        for name in [n for n in self.fields if n in left_out or n.startswith("field_")]:
            del self.fields[name]
        self.rows = 0

    def clean_item_id(self) -> UUID:
        return self.cleaned_data.get("item_id") or uuid4()


class SealedForm(forms.Form):
    """Ciphertext of a browser; `sealed` and `new_key` are read by `accounts.vault.local.wire`."""

    serial = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class MemberForm(forms.Form):
    """Who is to belong to a local vault."""

    person = PersonField(label=_("Person"), help_text=_("Their user name or e-mail address."))
    role = forms.ChoiceField(
        label=_("As"),
        choices=MemberRole.choices,
        initial=MemberRole.MEMBER,
        widget=forms.RadioSelect,
        help_text=_("Members store accounts in it. Owners also say who belongs to it."),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose owner or member.")),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Identity) -> None:
        super().__init__(data)
        meant(self, "person").by = person


class GiveKeyForm(forms.Form):
    """That both browsers show the same digits."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    same = forms.BooleanField(
        label=_("Their browser shows the same 24 digits"),
        error_messages={"required": _("Compare the digits, then tick that they are the same.")},
    )


class LocalVaultForm(VaultForm):
    """What a local vault is called."""

    vault_id = forms.UUIDField(widget=forms.HiddenInput)
