from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Outcome
from accounts.audit.queries import Wanted
from accounts.lib.names import skeleton
from accounts.models import Identity, IdentityProfile, ServiceAccount, Source, Transform
from console.ui import sentences
from tokens.models import Credential


class Period(models.TextChoices):
    """How far back, up to now."""

    TODAY = "today", gettext_lazy("Today (UTC)")
    DAY = "24h", gettext_lazy("Last 24 hours")
    WEEK = "7d", gettext_lazy("Last 7 days")
    MONTH = "30d", gettext_lazy("Last 30 days")


LENGTHS: Final = {
    Period.DAY: timedelta(hours=24),
    Period.WEEK: timedelta(days=7),
    Period.MONTH: timedelta(days=30),
}
LAST_DAY: Final = date(9998, 12, 31)
"""A later one has no day after it that could be counted to."""
BUT_ISSUED: Final = "but-issued"
"""In place of an action: every one but that which programs cause all the time."""
MOST_OF_ONE_ID: Final = 100
"""Accounts may have a key of the same key ID each."""
NO_CREDENTIAL: Final = UUID(int=0)
BUT_ISSUED_LABEL: Final = gettext_lazy("All but issued tokens")


def _actions() -> list[Any]:
    return [
        ("", _("Any event")),
        (BUT_ISSUED, str(BUT_ISSUED_LABEL)),
        *(
            (title, [*_whole(members), *members]) if len(members) > 1 else (title, members)
            for title, members in sentences.grouped()
        ),
    ]


def _whole(members: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The choice of a whole group, by its first member."""
    name = members[0][0].partition(".")[0] + sentences.ANY
    return [(name, sentences.label_of(name))]


def _outcomes() -> list[tuple[str, str]]:
    labels = {
        Outcome.DONE: _("Done"),
        Outcome.REFUSED: _("Refused"),
        Outcome.FAILED: _("Failed"),
    }
    return [("", _("Any outcome")), *((str(value), label) for value, label in labels.items())]


def _periods() -> list[tuple[str, str]]:
    return [("", _("Any time")), *((value, str(label)) for value, label in Period.choices)]


def _choice(label: Any, choices: Callable[[], list[Any]]) -> forms.ChoiceField:
    widget = forms.Select(attrs={"aria-label": label})
    return forms.ChoiceField(label=label, choices=choices, widget=widget, required=False)


def _day(label: Any, help_text: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Type a day such as 2026-11-22.")},
        validators=[MaxValueValidator(LAST_DAY, gettext_lazy("Type a day before the year 9999."))],
    )


class FilterForm(forms.Form):
    """What narrows the log; it comes in the address, so that a view of the log can be sent on."""

    actor = forms.CharField(
        label=gettext_lazy("Actor"),
        max_length=200,
        required=False,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "aria-label": gettext_lazy("Actor: user name or ID"),
                "placeholder": gettext_lazy("Actor: user name or ID"),
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )
    action = _choice(gettext_lazy("Event"), _actions)
    outcome = _choice(gettext_lazy("Outcome"), _outcomes)
    period = _choice(gettext_lazy("Period"), _periods)
    target = forms.CharField(
        label=gettext_lazy("Target"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Name or ID of an account, identity, source, profile or transform."),
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=45,
        required=False,
        help_text=gettext_lazy("IP address in full, such as 192.0.2.7."),
    )
    request = forms.CharField(
        label=gettext_lazy("Request ID"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("As an error page names it."),
    )
    credential = forms.CharField(
        label=gettext_lazy("Token or key"),
        max_length=128,
        required=False,
        help_text=gettext_lazy("ID of the personal access token that was used, or a key ID."),
    )
    since = _day(
        gettext_lazy("From"), gettext_lazy("First day, in UTC. Takes the place of the period.")
    )
    until = _day(gettext_lazy("To"), gettext_lazy("Last day, in UTC."))

    MORE = ("target", "credential", "address", "request", "since", "until")
    """Fields that are folded away until one of them narrows the log."""

    def folded(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            message = _("The last day lies before the first. Exchange them.")
            self.add_error("until", ValidationError(message))
        return cleaned

    def wanted(self, now: datetime) -> Wanted:
        """What to look for, with names turned into ids."""
        asked = self.cleaned_data
        actor_id, claimed_as = _actor(asked["actor"])
        since, before = self._range(now)
        group = sentences.group_actions(asked["action"])
        return Wanted(
            actor_id=actor_id,
            claimed_as=claimed_as,
            action="" if asked["action"] == BUT_ISSUED or group else asked["action"],
            actions=group,
            without_issued=asked["action"] == BUT_ISSUED,
            outcome=asked["outcome"],
            subject_ids=_targets(asked["target"]),
            credential_ids=_credentials(asked["credential"]),
            address=asked["address"],
            request_id=asked["request"],
            since=since,
            before=before,
        )

    def _range(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        first, last = self.cleaned_data["since"], self.cleaned_data["until"]
        if first or last:
            return _start(first), _start(last + timedelta(days=1)) if last else None
        match self.cleaned_data["period"]:
            case Period.TODAY:
                return _start(now.astimezone(UTC).date()), None
            case "":
                return None, None
            case period:
                return now - LENGTHS[Period(period)], None

    def in_words(self) -> dict[str, str]:
        """What is in force, by field, as the chips say it."""
        asked = self.cleaned_data
        said: dict[str, str] = {}
        if asked["action"]:
            said["action"] = sentences.label_of(asked["action"])
        if asked["action"] == BUT_ISSUED:
            said["action"] = str(BUT_ISSUED_LABEL)
        for name, choices in (("outcome", _outcomes()), ("period", _periods())):
            if asked[name]:
                said[name] = dict(choices)[asked[name]]
        for name in ("actor", "target", "credential", "address", "request"):
            if asked[name]:
                field = self.fields[name]
                said[name] = f"{field.label}: {asked[name]}"
        if asked["since"]:
            said["since"] = _("From %(day)s") % {"day": asked["since"].isoformat()}
        if asked["until"]:
            said["until"] = _("To %(day)s") % {"day": asked["until"].isoformat()}
        if "since" in said or "until" in said:
            said.pop("period", None)
        return said


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


def _actor(text: str) -> tuple[str, str]:
    """The id of the actor that is meant; else the name that somebody claimed to have."""
    if not text:
        return "", ""
    if text.casefold() in (SYSTEM.actor_id, SYSTEM.label.casefold()):
        return SYSTEM.actor_id, ""
    found = _id_of(text)
    return (found, "") if found else ("", text)


def _targets(text: str) -> list[str]:
    """The ids of all that is called so; what is no name of anything is taken for an id."""
    if not text:
        return []
    found = _id_of(text)
    if found == text.lower():
        return [found]
    key = skeleton(text)
    named: list[Any] = [
        *Source.objects.filter(name_key=key).values_list("pk", flat=True),
        *IdentityProfile.objects.filter(name_key=key).values_list("pk", flat=True),
        *Transform.objects.filter(name__iexact=text).values_list("pk", flat=True),
    ]
    return [*([found] if found else []), *map(str, named)] or [text]


def _credentials(text: str) -> list[UUID]:
    """Those of this id or key ID; the ID of none where there is none, which nothing was done by."""
    if not text:
        return []
    # a key that was uploaded keeps its own ID, which often is a UUID as well
    known = Credential.objects.filter(key_id=text).values_list("pk", flat=True)
    found = list(known[:MOST_OF_ONE_ID])
    with suppress(ValueError):
        found.append(UUID(text))
    return found or [NO_CREDENTIAL]


def _id_of(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        key = skeleton(text)
    account = ServiceAccount.objects.filter(name_key=key).values_list("pk", flat=True).first()
    person = Identity.objects.filter(user_name_key=key).values_list("pk", flat=True).first()
    found = account or person
    return str(found) if found else ""
