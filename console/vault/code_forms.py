"""Forms of what proves a stored account beside its password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.vault import qr
from console.ui.errors import cleaned_by
from console.vault.forms import LONGEST_INPUT


class AuthenticatorForm(forms.Form):
    """The key of an authenticator."""

    key = forms.CharField(
        label=_("Secret key, or otpauth:// address"),
        strip=False,
        required=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    image = forms.FileField(
        label=_("Or a picture of the QR code"),
        required=False,
        allow_empty_file=True,
        help_text=_("PNG, JPEG or WebP, at most 5 MB. It is read and not kept."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        said = self.cleaned_data
        typed, picture = said.get("key", "").strip(), said.get("image")
        if typed and picture:
            raise forms.ValidationError(_("Paste the key, or choose a picture, not both."))
        if not typed and not picture and not self.errors:
            message = _("Paste the secret key that the application shows, or choose a picture.")
            self.add_error("key", message)
        elif picture and not self.errors:
            self._read(picture)
        return said

    def _read(self, picture: UploadedFile[bytes]) -> None:
        content = picture.read(qr.MOST_BYTES + 1)
        try:
            self.cleaned_data["key"] = cleaned_by(qr.read, content)
        except forms.ValidationError as error:
            self.add_error("image", error)


class BackupCodesForm(forms.Form):
    """Backup codes, as an application lists them."""

    codes = forms.CharField(
        label=_("Backup codes"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One a line."),
        error_messages={"required": _("Paste the backup codes, one a line.")},
    )
