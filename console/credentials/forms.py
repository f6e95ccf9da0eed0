from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ServiceAccount
from console.ui import times
from console.ui.key_forms import KeyForm
from tokens.credentials.actions import KEEP_OLD_CHOICES

AT_ONCE = "0"


class RegenerateForm(KeyForm):
    """A new key, and what becomes of the old one."""

    keep_old = forms.ChoiceField(
        label=_("The old key"), initial=AT_ONCE, choices=(), widget=forms.RadioSelect
    )
    revoke_tokens = forms.BooleanField(
        label=_("Revoke issued tokens now"),
        required=False,
        help_text=_("Otherwise tokens that were issued before live until they expire."),
    )
    typed_name = forms.CharField(
        label=_("Type the name of the service account"),
        strip=False,
        max_length=400,
        error_messages={"required": _("Type the name to go on.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(
        self, *args: Any, account: ServiceAccount, in_use: bool, now: datetime, **kwargs: Any
    ) -> None:
        """`in_use`: something used the account lately, so its name has to be typed."""
        super().__init__(*args, now=now, **kwargs)
        self.account = account
        self.fields["keep_old"] = forms.ChoiceField(
            label=_("The old key"),
            initial=AT_ONCE,
            choices=keep_old_choices(now),
            widget=forms.RadioSelect,
        )
        if in_use:
            self.fields["typed_name"].help_text = gettext(
                "“%(name)s” was used in the last 90 days. Type its name to go on."
            ) % {"name": account.name}
        else:
            del self.fields["typed_name"]

    def clean_typed_name(self) -> str:
        typed = str(self.cleaned_data["typed_name"])
        if " ".join(unicodedata.normalize("NFC", typed).split()) != self.account.name:
            raise forms.ValidationError(
                gettext("This is not its name. Type “%(name)s”.") % {"name": self.account.name}
            )
        return typed

    def keep_old_for(self) -> timedelta:
        """How long the old key goes on; only of a valid form."""
        return timedelta(seconds=int(self.cleaned_data["keep_old"]))


def keep_old_choices(now: datetime) -> list[tuple[str, str | Promise]]:
    """Each choice of `KEEP_OLD_CHOICES` with the time at which the old key would stop."""
    return [(str(int(d.total_seconds())), _keep_old_label(d, now)) for d in KEEP_OLD_CHOICES]


def _keep_old_label(duration: timedelta, now: datetime) -> str:
    if not duration:
        return gettext("Stops at once (the default)")
    hours = int(duration.total_seconds() // 3600)
    if hours <= 24:
        words = ngettext("%(n)d more hour", "%(n)d more hours", hours) % {"n": hours}
    else:
        words = ngettext("%(n)d more day", "%(n)d more days", duration.days) % {"n": duration.days}
    return gettext("Works for %(duration)s, until %(time)s") % {
        "duration": words,
        "time": times.exact(now + duration),
    }
