from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from console.ui.new_password import NewPasswordForm


class SetupForm(NewPasswordForm):
    user_name = forms.CharField(
        label=_("User name"),
        strip=False,
        max_length=1000,
        help_text=_("You sign in with it. Letters, digits and . _ - @ +"),
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
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    field_order = ["user_name", "email", "password", "password_again"]
