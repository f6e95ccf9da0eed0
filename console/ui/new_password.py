"""Where somebody chooses a password; `components/new_password.html` shows the two fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identities import passwords
from accounts.models import Identity
from console.ui.errors import cleaned_by


def _field(label: Any, *, empty: Any, **attributes: str | bool) -> forms.CharField:
    # the bound is the policy's to explain; this one only keeps megabytes out
    return forms.CharField(
        label=label,
        strip=False,
        max_length=10 * passwords.LONGEST,
        error_messages={"required": empty},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", **attributes}),
    )


class NewPasswordForm(forms.Form):
    """A password that is good enough, typed twice alike."""

    password = _field(gettext_lazy("New password"), empty=gettext_lazy("Type a new password."))
    password_again = _field(
        gettext_lazy("The same password again"), empty=gettext_lazy("Type the new password again.")
    )

    def __init__(self, *args: Any, identity: Identity | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.identity = identity
        """Whose password it is to be: it must not be made of their name."""

    @property
    def policy(self) -> tuple[str, ...]:
        return tuple(str(line) for line in passwords.POLICY)

    def described(self) -> Identity:
        """Somebody who does not exist yet, as far as other fields of the form tell."""
        return Identity(user_name=self.data.get("user_name", ""), email=self.data.get("email", ""))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        cleaned_by(passwords.check, password, self.identity or self.described())
        return password

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        if again != self.data.get("password"):
            raise forms.ValidationError(_("The two passwords differ. Type the same one twice."))
        return again
