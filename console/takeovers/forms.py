from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity, ServiceAccount
from accounts.takeovers.models import NOTE_MAX_LENGTH
from console.ui.fields import LONGEST_NAME, PersonField, meant


class HandOverForm(forms.Form):
    """To whom an account goes. Whom one means has to be known: this lists nobody."""

    to = PersonField(
        label=_("New owner"),
        help_text=_(
            "Their user name or e-mail address. They are told by mail, and have to accept."
        ),
    )
    note = forms.CharField(
        label=_("Note for the new owner"),
        required=False,
        strip=False,
        max_length=LONGEST_NAME,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": NOTE_MAX_LENGTH}),
        help_text=_("What the account is used by, and whom to ask about it."),
    )

    def __init__(self, data: Any = None, *, account: ServiceAccount, person: Identity) -> None:
        named = account.successor
        able = named is not None and named.is_active and named.pk != person.pk
        super().__init__(data, initial={"to": named.user_name} if able and named else {})
        meant(self, "to").by = person
