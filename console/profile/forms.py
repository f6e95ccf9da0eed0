from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from console.ui.new_password import NewPasswordForm


class ChangePasswordForm(NewPasswordForm):
    current_password = forms.CharField(
        label=_("Current password"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("Type the password that you have now.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    field_order = ["current_password", "password", "password_again"]
