from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inbox.hooks import LONGEST
from accounts.inbox.numbers import LONGEST_INPUT
from accounts.inbox.providers import Provider


class DomainForm(forms.Form):
    domain = forms.CharField(
        label=_("Domain of managed mailboxes"),
        required=False,
        max_length=253,
        help_text=_(
            "Such as inbox.example.com: its MX record leads to the mail server or provider that "
            "brings mail here. Empty: no new mailboxes. Those that there are keep their addresses."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["domain"].disabled = not may_change


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Phone number"),
        max_length=LONGEST_INPUT,
        help_text=_("With its country code, such as +1 201 555 0123."),
        error_messages={"required": _("Type a number with its country code.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "tel"}),
    )


class SecretForm(forms.Form):
    secret = forms.CharField(
        max_length=LONGEST,
        error_messages={"required": _("Paste the secret.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].label = str(provider.secret_label)
        self.fields["secret"].help_text = str(provider.help_text)
