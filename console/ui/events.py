"""Events of the audit log as pages show them: a sentence, links, what changed and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.authorization.levels import LEVELS
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import (
    Event,
    Identity,
    IdentityProfile,
    Processing,
    ServiceAccount,
    Source,
)
from console.ui import phrases, sentences

LABELS: Final[dict[str, str | Promise]] = {
    "algorithm": gettext_lazy("Algorithm"),
    "count": gettext_lazy("Count"),
    "days": gettext_lazy("Days before"),
    "credential": gettext_lazy("Credential"),
    "description": gettext_lazy("Description"),
    "email": gettext_lazy("E-mail"),
    "ended_at": gettext_lazy("Ended"),
    "ends_at": gettext_lazy("End date"),
    "error": gettext_lazy("Error code"),
    "expires_at": gettext_lazy("Expires"),
    "given_up": gettext_lazy("Given up"),
    "filters": gettext_lazy("Filters"),
    "is_owner": gettext_lazy("The owner"),
    "kid": gettext_lazy("Key ID"),
    "kids": gettext_lazy("Replaced keys"),
    "levels": gettext_lazy("User levels"),
    "name": gettext_lazy("Name"),
    "origin": gettext_lazy("Where the key comes from"),
    "owner": gettext_lazy("Owner"),
    "rows": gettext_lazy("Rows"),
    "scopes": gettext_lazy("Scopes"),
    "since": gettext_lazy("Since"),
    "thumbprint": gettext_lazy("Thumbprint (SHA-256)"),
    "to": gettext_lazy("Mailed to"),
    "token_id": gettext_lazy("Token ID"),
    "user_name": gettext_lazy("User name"),
    "valid_until": gettext_lazy("Old keys valid until"),
}
TIMES: Final = frozenset({"ended_at", "ends_at", "expires_at", "since", "valid_until"})


class Change(TypedDict):
    field: str
    before: str
    after: str


class Fact(TypedDict):
    label: str
    value: str


@dataclass(frozen=True)
class Line:
    """One event, ready to be shown."""

    event: Event
    sentence: str
    target_url: str
    """Empty where the target is gone, or has no page."""
    changes: list[Change] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


def lines(events: Iterable[Event], *, person: Identity) -> list[Line]:
    """The events with their sentences; a statement a kind of target, however many events."""
    events = list(events)
    urls = _target_urls(events, person)
    return [
        Line(
            event=event,
            sentence=sentences.sentence(event),
            target_url=urls.get((event.subject_type, event.subject_id), ""),
            changes=_changes(event),
            facts=_facts(event),
        )
        for event in events
    ]


def _target_urls(events: list[Event], person: Identity) -> dict[tuple[str, str], str]:
    """The pages of those targets that exist and that this person may open."""
    kinds = ("service_account", "identity", "source", "identity_profile", "identity_processing")
    wanted: dict[str, set[UUID]] = {kind: set() for kind in kinds}
    urls: dict[tuple[str, str], str] = {}
    for event in events:
        if event.subject_type in wanted:
            wanted[event.subject_type].add(UUID(event.subject_id))
        elif event.subject_type in ("tenant_setting", "signing_key") and may(
            person, Permission.TENANT_VIEW
        ):
            urls[event.subject_type, event.subject_id] = reverse("tenant:global_settings")
    if ids := wanted["service_account"]:
        for pk in _present(ServiceAccount.objects.visible_to(person), ids):
            urls["service_account", str(pk)] = reverse("service_accounts:detail", args=[pk])
    if ids := wanted["source"]:
        for pk in _present(Source.objects.visible_to(person), ids):
            urls["source", str(pk)] = reverse("sources:detail", args=[pk])
    urls |= _profile_urls(wanted, person)
    ids = wanted["identity"]
    if ids and may(person, Permission.IDENTITY_VIEW):
        for pk in _present(Identity.objects.people(), ids):
            urls["identity", str(pk)] = reverse("identities:detail", args=[pk])
    return urls


def _profile_urls(wanted: Mapping[str, set[UUID]], person: Identity) -> dict[tuple[str, str], str]:
    profiles = IdentityProfile.objects.visible_to(person)
    urls: dict[tuple[str, str], str] = {}
    if ids := wanted["identity_profile"]:
        for pk in _present(profiles, ids):
            urls["identity_profile", str(pk)] = reverse("profiles:detail", args=[pk])
    if ids := wanted["identity_processing"]:
        there = Processing.objects.filter(pk__in=ids, profile__in=profiles)
        for pk, profile_id in there.values_list("pk", "profile_id"):
            address = reverse("profiles:processing", args=[profile_id, pk])
            urls["identity_processing", str(pk)] = address
    return urls


def _present(rows: Any, ids: set[UUID]) -> list[UUID]:
    return list(rows.filter(pk__in=ids).values_list("pk", flat=True))


def _changes(event: Event) -> list[Change]:
    """Field by field what was before and is after; of lists only what differs."""
    before, after = _side(event, "before"), _side(event, "after")
    found = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if isinstance(old, list) and isinstance(new, list):
            old, new = [x for x in old if x not in new], [x for x in new if x not in old]
        found.append(Change(field=label(name), before=shown(name, old), after=shown(name, new)))
    return found


def _side(event: Event, side: str) -> Mapping[str, Any]:
    found = event.detail.get(side)
    return found if isinstance(found, Mapping) else {}


def _facts(event: Event) -> list[Fact]:
    """What the event tells beside what changed, and who asked with which program."""
    rest = {name: value for name, value in event.detail.items() if name not in ("before", "after")}
    facts = [Fact(label=_("Reason"), value=event.reason)] if event.reason else []
    facts += [
        Fact(label=label(name), value=text)
        for name, value in rest.items()
        if (text := shown(name, value))
    ]
    if event.user_agent:
        facts.append(Fact(label=_("Client"), value=event.user_agent))
    return facts


def label(name: str) -> str:
    if name in LABELS:
        return str(LABELS[name])
    return name.replace("_", " ").capitalize()


def shown(name: str, value: object) -> str:
    """A value of the details as text; nothing for none."""
    match value:
        case None | "" | [] | {}:
            return ""
        case bool():
            return _("On") if value else _("Off")
        case list():
            return ", ".join(shown(name, item) for item in value)
        case dict():
            return ", ".join(f"{label(key)}: {shown(key, inner)}" for key, inner in value.items())
        case str() if name == "levels" and value in LEVELS:
            return str(LEVELS[value].label)
        case _:
            return phrases.time(value) if name in TIMES else str(value)
