from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    """allauth's form, with our words. A link may bring the user name along (`?login=`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        given = self.request.GET.get("login", "")[:200] if self.request else ""
        empty = {"autofocus": True}
        self.fields["login"] = forms.CharField(
            label=_("User name"),
            max_length=200,
            initial=given,
            error_messages={"required": _("Type your user name.")},
            widget=forms.TextInput(attrs=names | ({} if given else empty)),
        )
        self.fields["password"] = forms.CharField(
            label=_("Password"),
            max_length=128,
            strip=False,
            error_messages={"required": _("Type your password.")},
            widget=forms.PasswordInput(
                attrs={"autocomplete": "current-password"} | (empty if given else {})
            ),
        )
