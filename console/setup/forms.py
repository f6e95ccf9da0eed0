from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.identities.emails import clean_email
from accounts.lib.names import clean_user_name
from console.ui.errors import cleaned_by
from console.ui.new_password import NewPasswordForm


class SetupForm(NewPasswordForm):
    user_name = forms.CharField(
        label=_("User name"),
        strip=False,
        max_length=1000,
        help_text=_("You sign in with it. Letters, digits and . _ - @ +"),
        error_messages={"required": _("Type a user name.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    email = forms.CharField(
        label=_("E-mail"),
        strip=False,
        max_length=1000,
        help_text=_("Notices about this account go there, such as name@example.com."),
        error_messages={"required": _("Type an e-mail address, such as name@example.com.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    field_order = ["user_name", "email", "password", "password_again"]

    def clean_user_name(self) -> str:
        return cleaned_by(clean_user_name, self.cleaned_data["user_name"])

    def clean_email(self) -> str:
        return cleaned_by(clean_email, self.cleaned_data["email"])
