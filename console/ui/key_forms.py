"""The part of a form that says where a key comes from; for new accounts and for new keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.lib.errors import DomainError
from console.ui import times
from console.ui.installation import keeps_mail
from console.ui.once import new_submission
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.credentials.types import key_pair

ORIGINS: Final[list[tuple[str, str | Promise]]] = [
    (KeyOrigin.STEWARD.value, _("Steward makes it")),
    (KeyOrigin.BROWSER.value, _("This browser makes it")),
    (KeyOrigin.UPLOADED.value, _("I upload a public key")),
    (KeyOrigin.OWNER.value, _("The owner downloads it")),
]
EXPIRY_DAYS: Final = (30, 60, 90, 180, 365)
DEFAULT_EXPIRY: Final = "365"
NEVER: Final = "never"
KEY_TEXTS: Final = ("public_key_text", "public_key")
"""Fields into which somebody could paste a private key."""


class KeyForm(forms.Form):
    """Where the key comes from, of what kind it is, and when it expires.

    `templates/credentials/_key_fields.html` shows it, alone or inside a larger form.
    """

    key_origin = forms.ChoiceField(
        label=_("Where the key comes from"),
        choices=ORIGINS,
        initial=KeyOrigin.STEWARD,
        widget=forms.RadioSelect,
    )
    algorithm = forms.ChoiceField(
        label=_("Algorithm"),
        choices=[(name, name) for name in key_pair.ALGORITHMS],
        initial=key_pair.ALGORITHMS[0],
        help_text=_(
            "RSA-4096 works with every client. P-256 and Ed25519 are shorter and faster, for "
            "clients that can use them."
        ),
    )
    public_key_text = forms.CharField(
        label=_("Public key"),
        error_messages={"required": _("Paste the public key: a JWK, a JWK set, or PEM.")},
        max_length=key_pair.PUBLIC_TEXT_MAX_LENGTH,
        widget=forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off", "class": "mono"}
        ),
        help_text=_("A JWK, a JWK set of one key, or PEM (“-----BEGIN PUBLIC KEY-----”)."),
    )
    public_key = forms.CharField(
        required=False,
        max_length=key_pair.PUBLIC_TEXT_MAX_LENGTH,
        widget=forms.HiddenInput,
    )
    submission = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=new_submission,
        error_messages={
            "required": _("This form is incomplete. Open the page again."),
            "invalid": _("This form is incomplete. Open the page again."),
        },
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        """`now` is what the dates beside the choices of expiry are counted from."""
        super().__init__(*args, **kwargs)
        self.fields["key_expiry"] = forms.ChoiceField(
            label=_("The key expires after"), initial=DEFAULT_EXPIRY, choices=expiry_choices(now)
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        origin = cleaned.get("key_origin")
        self._drop_errors_of("algorithm" if origin == KeyOrigin.UPLOADED else "public_key_text")
        if origin == KeyOrigin.BROWSER and not cleaned.get("public_key"):
            self.add_error(
                "key_origin",
                _("This browser did not make a key. Turn on JavaScript, or choose another way."),
            )
        elif origin in (KeyOrigin.UPLOADED, KeyOrigin.BROWSER) and not self._key_is_refused():
            try:
                key_pair.parse_public(self._public_key(cleaned))
            except key_pair.BadKey as error:
                self.explain(error)
        self._forget_secrets()
        return cleaned

    @property
    def mail_is_kept(self) -> bool:
        """Whether no mail goes out, so that the link to an offered key is passed on by hand."""
        return keeps_mail()

    def choice(self) -> KeyChoice:
        """What was chosen; only of a valid form."""
        cleaned = self.cleaned_data
        expiry = cleaned["key_expiry"]
        return KeyChoice(
            origin=KeyOrigin(cleaned["key_origin"]),
            algorithm=cleaned.get("algorithm", ""),
            public_key=self._public_key(cleaned),
            lifetime=None if expiry == NEVER else timedelta(days=int(expiry)),
        )

    def explain(self, error: DomainError) -> bool:
        """Put a refusal at the field that it is about; False if that is none of these."""
        if error.field == "public_key":
            uploaded = self.cleaned_data.get("key_origin") == KeyOrigin.UPLOADED
            self.add_error("public_key_text" if uploaded else "key_origin", error.message)
        elif error.field == "algorithm":
            self.add_error("algorithm", error.message)
        elif error.field == "owner" and "owner" not in self.fields:
            self.add_error("key_origin", error.message)
        else:
            return False
        return True

    def _drop_errors_of(self, name: str) -> None:
        """Forget what is wrong with a field that the chosen way does not ask for."""
        self.errors.pop(name, None)

    def _key_is_refused(self) -> bool:
        return self.has_error("public_key_text") or self.has_error("public_key")

    def _public_key(self, cleaned: dict[str, Any]) -> str:
        match cleaned.get("key_origin"):
            case KeyOrigin.UPLOADED:
                return str(cleaned.get("public_key_text", ""))
            case KeyOrigin.BROWSER:
                return str(cleaned.get("public_key", ""))
            case _:
                return ""

    def _forget_secrets(self) -> None:
        """Leave a private key that was pasted out of the form, should it be shown again."""
        for name in KEY_TEXTS:
            if is_pasted_secret(name, self.data.get(name, "")):
                shown = QueryDict(mutable=True)
                shown.update(self.data)
                shown[name] = ""
                self.data = shown


def is_pasted_secret(name: str, value: str) -> bool:
    """Whether a posted value could be a private key in the place of a public one."""
    return name in KEY_TEXTS and key_pair.may_hold_secret(value)


def expiry_choices(now: datetime) -> list[tuple[str, str | Promise]]:
    """Each lifetime of a key with the time at which it would end."""
    choices: list[tuple[str, str | Promise]] = [
        (str(d), _expiry_label(d, now)) for d in EXPIRY_DAYS
    ]
    return [*choices, (NEVER, _("No expiry"))]


def _expiry_label(days: int, now: datetime) -> str:
    words = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    return f"{words} ({times.exact(now + timedelta(days=days))})"
