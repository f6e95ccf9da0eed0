from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.lib.errors import DomainError
from accounts.lib.names import MAX_NAME, clean_name
from accounts.tenant.queries import is_on
from console.ui import scope_choice, times
from console.ui.errors import cleaned_by
from console.ui.once import new_submission
from tokens.access_tokens.lifetimes import (
    SHORTEST_SECONDS,
    check_seconds,
    longest_seconds,
    usual_seconds,
)
from tokens.personal_access_tokens import lifetimes
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime
from tokens.scopes.coverage import check_assignable
from tokens.scopes.effective import Held

ON_DATE: Final = "date"
NEVER: Final = "never"
KEEP: Final = "keep"
USUAL_DAYS: Final = "30"


class TokenForm(forms.Form):
    """What a token is for, and what it may do."""

    name = forms.CharField(
        label=_("What is this token for?"),
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("A name, such as “Nightly export”. At most 100 characters."),
        error_messages={"required": _("Say what the token is for.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one scope."),
            "invalid_choice": _("“%(value)s” is not a scope that this token can be given."),
        },
    )

    def __init__(self, *args: Any, held: Held, kept: Collection[str] = (), **kwargs: Any) -> None:
        """`held` is what the holder has; `kept` are scopes that the token has, for what it is."""
        super().__init__(*args, **kwargs)
        names = [*scope_choice.names_of(scope_choice.offered(held, ())), *kept]
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(name, name) for name in names]
        self.sections = scope_choice.offered(held, [n for n in self.chosen_scopes() if n in names])

    def clean_name(self) -> str:
        return cleaned_by(clean_name, self.cleaned_data["name"], max_length=MAX_NAME)

    def clean_scopes(self) -> list[str]:
        return cleaned_by(check_assignable, self.cleaned_data["scopes"])

    def chosen_scopes(self) -> list[str]:
        """The ticked scopes, also of a form that is not valid."""
        return [str(name) for name in self["scopes"].value() or []]


class UsualChoiceField(forms.ChoiceField):
    """A choice of which one is always made: its first value, where none was sent."""

    def clean(self, value: Any) -> Any:
        return super().clean(value or self.initial)


class ExpiryForm(TokenForm):
    """Also when the token ends."""

    expires_on = forms.DateField(
        label=_("Date of expiry"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The token expires at the end of this day (UTC)."),
        error_messages={
            "required": _("Choose when the token expires."),
            "invalid": _("Type a date, such as 2027-12-31."),
        },
    )
    never_expires = forms.BooleanField(
        label=_("I know that this token works until somebody revokes it"), required=False
    )
    field_order = ["name", "scopes", "expiry", "expires_on", "never_expires"]

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.may_never_expire = is_on(lifetimes.MAY_NEVER_EXPIRE)
        self.fields["expiry"] = forms.ChoiceField(
            label=_("Expires"),
            initial=USUAL_DAYS,
            choices=expiry_choices(now, may_never=self.may_never_expire),
        )
        if not self.may_never_expire:
            del self.fields["never_expires"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "expires_on" in self.errors and cleaned.get("expiry") != ON_DATE:
            del self.errors["expires_on"]
        if not self.has_error("expires_on") and self.is_chosen(cleaned):
            try:
                lifetimes.check(self.lifetime(cleaned), at=self.now)
            except DomainError as error:
                never = cleaned["expiry"] == NEVER and self.may_never_expire
                self.add_error("never_expires" if never else "expires_on", error.message)
        return cleaned

    @staticmethod
    def is_chosen(cleaned: dict[str, Any]) -> bool:
        """Whether an expiry was chosen; not where the present one stays."""
        return cleaned.get("expiry", "") not in ("", KEEP)

    def lifetime(self, cleaned: dict[str, Any]) -> Lifetime:
        """The expiry that was chosen."""
        match cleaned["expiry"]:
            case "never":
                return Lifetime(None, never_expires=cleaned.get("never_expires", False))
            case "date":
                day = cleaned.get("expires_on")
                ends = datetime.combine(day, time(23, 59, 59), tzinfo=UTC) if day else None
                return Lifetime(ends)
            case days:
                return Lifetime(self.now + timedelta(days=int(days)))


class NewForm(ExpiryForm):
    """A new token: also how long what it is traded for lives."""

    access_token_seconds = forms.IntegerField(
        label=_("Lifetime of its access tokens"),
        initial=usual_seconds,
        error_messages={
            "required": _("Type a number of seconds."),
            "invalid": _("Type a whole number of seconds."),
        },
    )
    submission = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=new_submission,
        error_messages={
            "required": _("This form is incomplete. Open the page again."),
            "invalid": _("This form is incomplete. Open the page again."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["access_token_seconds"].help_text = format_lazy(
            _(
                "Seconds, {shortest} to {longest}. Shorter is safer: the program asks for the next "
                "one by itself."
            ),
            shortest=SHORTEST_SECONDS,
            longest=longest_seconds(),
        )

    def clean_access_token_seconds(self) -> int:
        return cleaned_by(check_seconds, self.cleaned_data["access_token_seconds"])

    def draft(self) -> Draft:
        """What a valid form says."""
        cleaned = self.cleaned_data
        return Draft(
            name=cleaned["name"],
            scopes=cleaned["scopes"],
            lifetime=self.lifetime(cleaned),
            access_token_seconds=cleaned["access_token_seconds"],
        )


class EditForm(ExpiryForm):
    """What of a token can be changed; its expiry stays unless another is chosen."""

    def __init__(self, *args: Any, now: datetime, expires_at: datetime | None, **kwargs: Any):
        super().__init__(*args, now=now, **kwargs)
        ends = times.exact(expires_at) if expires_at else _("Never")
        kept = (KEEP, format_lazy(_("As it is ({ends})"), ends=ends))
        self.fields["expiry"] = UsualChoiceField(
            label=_("Expires"),
            initial=KEEP,
            choices=[kept, *expiry_choices(now, may_never=self.may_never_expire)],
        )

    def changes(self) -> dict[str, Any]:
        """What a valid form says, as `actions.edit` takes it."""
        cleaned = self.cleaned_data
        changes = {name: cleaned[name] for name in ("name", "scopes")}
        if self.is_chosen(cleaned):
            changes["lifetime"] = self.lifetime(cleaned)
        return changes


def expiry_choices(now: datetime, *, may_never: bool) -> list[tuple[str, str | Promise]]:
    """Each lifetime with the time at which it would end."""
    choices: list[tuple[str, str | Promise]] = [
        (str(days), _in_days(days, now)) for days in lifetimes.EXPIRY_DAYS
    ]
    choices.append((ON_DATE, _("On a date")))
    return [*choices, (NEVER, _("Never"))] if may_never else choices


def _in_days(days: int, now: datetime) -> str:
    words = ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return f"{words} ({times.exact(now + timedelta(days=days))})"
