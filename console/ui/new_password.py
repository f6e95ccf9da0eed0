"""Where somebody chooses a password; `components/new_password.html` shows the two fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identities import passwords


def _field(label: Any, **attributes: str | bool) -> forms.CharField:
    # the bound is the policy's to explain; this one only keeps megabytes out
    return forms.CharField(
        label=label,
        strip=False,
        max_length=10 * passwords.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", **attributes}),
    )


class NewPasswordForm(forms.Form):
    """Whether the password is good enough is for the action to say; here both must agree."""

    password = _field(gettext_lazy("New password"))
    password_again = _field(gettext_lazy("The same password again"))

    @property
    def policy(self) -> tuple[str, ...]:
        return tuple(str(line) for line in passwords.POLICY)

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("The two passwords differ. Type the same one twice."))
        return again
