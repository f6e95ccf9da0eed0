"""An export as a file or pasted, and the plan of it that its page carries until it is confirmed."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import Any, Final

from django import forms
from django.core import signing
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib.errors import DomainError
from accounts.profiles.transforms.export import MAX_BYTES, BadExport
from console.ui.fields import not_called_optional

LONGEST_CARRIED: Final = 700_000
"""Characters of what was read, packed: the page of the plan carries it."""
LONGEST_PASTED: Final = 500_000
PLAN_LIFETIME_SECONDS: Final = 3600


class TooMuch(DomainError):
    """More than the page of a plan can carry."""

    code = "too_much"

    def __init__(self) -> None:
        super().__init__(_("This is too much at once: import it in smaller parts."))


class AbstractFormMeta(DeclarativeFieldsMetaclass, ABCMeta):
    """A form of which no object is made before what it leaves open is written."""


class ExportForm(forms.Form, metaclass=AbstractFormMeta):
    """An export as a file, or pasted. Who inherits it reads the content, and keeps what it says."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or paste it"),
        required=False,
        strip=False,
        max_length=LONGEST_PASTED,
        widget=forms.Textarea(attrs={"class": "mono", "rows": 10, "spellcheck": "false"}),
        error_messages={
            "max_length": gettext_lazy("This is too long to be pasted: choose it as a file.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        not_called_optional(self, "file", "text")

    @abstractmethod
    def read(self, content: str | bytes) -> None:
        """Keep what a valid export says.

        Raises:
            BadExport: it cannot be read.
            TooMuch: it cannot be carried.
        """

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if bool(file) == bool(text.strip()):
            raise forms.ValidationError(_("Choose a file, or paste its content: one of them."))
        try:
            self.read(file.read(MAX_BYTES + 1) if file else text)
        except (BadExport, TooMuch) as error:
            raise forms.ValidationError(error.message) from error
        return cleaned


def pack(value: Any, *, salt: str) -> str:
    """What was read, as JSON and signed, for the page of the plan to carry.

    Raises:
        TooMuch: it is longer than `LONGEST_CARRIED`.
    """
    packed = signing.dumps(value, salt=salt, compress=True)
    if len(packed) > LONGEST_CARRIED:
        raise TooMuch
    return packed


def unpack(text: str, *, salt: str) -> Any:
    """What `pack` packed.

    Raises:
        BadSignature: it is too old, or none of ours.
    """
    return signing.loads(text, salt=salt, max_age=PLAN_LIFETIME_SECONDS)
