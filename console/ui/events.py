"""Events of the audit log as pages show them: a sentence, links, what changed and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NotRequired, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.authorization.levels import LEVELS
from accounts.imports.states import Decision, Mode
from accounts.jobs.kinds import kinds
from accounts.lib.routes import readable
from accounts.models import Event, Identity
from accounts.requests.kinds.base import kinds as request_kinds
from accounts.tenant.catalogue import numbers, switches
from console.ui import counted, phrases, sentences, targets
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.credentials.types.provisioning_token import PROVISIONING_TOKEN
from tokens.edge.refusals import Part

LABELS: Final[dict[str, str | Promise]] = {
    "accounts": gettext_lazy("Accounts"),
    "algorithm": gettext_lazy("Algorithm"),
    "changed": gettext_lazy("Changed"),
    "count": gettext_lazy("Count"),
    "created": gettext_lazy("Created"),
    "credential": gettext_lazy("Credential"),
    "days": gettext_lazy("Days before"),
    "decision": gettext_lazy("Missing accounts"),
    "description": gettext_lazy("Description"),
    "email": gettext_lazy("E-mail"),
    "ended_at": gettext_lazy("Ended"),
    "ends_at": gettext_lazy("End date"),
    "error": gettext_lazy("Error code"),
    "expires_at": gettext_lazy("Expires"),
    "file": gettext_lazy("File"),
    "filters": gettext_lazy("Filters"),
    "given_up": gettext_lazy("Given up"),
    "identities": gettext_lazy("Identities"),
    "in_error": gettext_lazy("In error"),
    "invited": gettext_lazy("Invited"),
    "is_owner": gettext_lazy("The owner"),
    "kid": gettext_lazy("Key ID"),
    "kids": gettext_lazy("Replaced keys"),
    "kind": gettext_lazy("Kind"),
    "letters": gettext_lazy("Mails"),
    "levels": gettext_lazy("User levels"),
    "missing": gettext_lazy("Missing"),
    "mode": gettext_lazy("Mode"),
    "name": gettext_lazy("Name"),
    "new": gettext_lazy("New"),
    "not_invited": gettext_lazy("Not invited"),
    "origin": gettext_lazy("Where the key comes from"),
    "owner": gettext_lazy("Owner"),
    "successor": gettext_lazy("Successor"),
    "problems": gettext_lazy("Problems"),
    "profiles": gettext_lazy("Identity profiles"),
    "refused_by": gettext_lazy("Refused by"),
    "rejected": gettext_lazy("Rejected rows"),
    "reminders": gettext_lazy("Reminders"),
    "removed": gettext_lazy("Removed"),
    "rows": gettext_lazy("Rows"),
    "scanned": gettext_lazy("Scanned"),
    "scopes": gettext_lazy("Scopes"),
    "service_account": gettext_lazy("Service account"),
    "sha256": gettext_lazy("SHA-256 of the file"),
    "sent_by": gettext_lazy("Where the secret stood"),
    "since": gettext_lazy("Since"),
    "size": gettext_lazy("Size in bytes"),
    "thumbprint": gettext_lazy("Thumbprint (SHA-256)"),
    "times": gettext_lazy("Times"),
    "access_token_seconds": gettext_lazy("Seconds an access token lives"),
    "to": gettext_lazy("Mailed to"),
    "token_id": gettext_lazy("Token ID"),
    "unchanged": gettext_lazy("Unchanged"),
    "until": gettext_lazy("Until"),
    "unreachable": gettext_lazy("Nobody to tell"),
    "user_name": gettext_lazy("User name"),
    "valid_until": gettext_lazy("Old keys valid until"),
}
NOT_SHOWN: Final = ("before", "after", "import", "processing")
"""What changed, which is shown by itself, and ids that the target's own link says better."""
CHOICES: Final[dict[str, Mapping[str, str | Promise]]] = {
    "decision": dict(Decision.choices),
    "mode": dict(Mode.choices),
    "refused_by": {
        Part.LEVEL: gettext_lazy("User level"),
        Part.SCOPE: gettext_lazy("Scope"),
        Part.EXPIRY: gettext_lazy("Expiry or revocation"),
        Part.OWNER: gettext_lazy("Its holder is stopped"),
        Part.NETWORK: gettext_lazy("Too many requests from there"),
        Part.SECRET: gettext_lazy("ID or secret"),
    },
}
"""Details that are one of a list, by the words of the pages."""
KINDS: Final = (kinds, request_kinds)
TIMES: Final = frozenset({"ended_at", "ends_at", "expires_at", "since", "until", "valid_until"})


class Change(TypedDict):
    field: str
    before: str
    after: str


class Fact(TypedDict):
    label: str
    value: str
    url: NotRequired[str]


@dataclass(frozen=True)
class Line:
    """One event, ready to be shown."""

    event: Event
    sentence: str
    deed: str
    """The sentence without what a program used."""
    target: str
    """What it was done to, as people call it."""
    target_url: str
    """Empty where the target is gone, or has no page."""
    changes: list[Change] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    means: Fact | None = None
    """What a program used that acted for somebody."""

    @property
    def told(self) -> list[Fact]:
        return [*([self.means] if self.means else []), *self.facts]

    @property
    def outcome(self) -> str:
        """How it ended, where the usual word does not say all of it; else ""."""
        part = refused_by(self.event)
        return _("Refused: %(part)s") % {"part": part} if part else ""


def lines(events: Iterable[Event], *, person: Identity) -> list[Line]:
    """The events with their sentences; a statement a kind of target, however many events."""
    events = list(events)
    used = {(event.credential_kind or "", str(event.credential_id)) for event in events}
    urls = targets.urls({(e.subject_type, e.subject_id) for e in events} | used, person)
    return [_line(event, urls) for event in events]


def _line(event: Event, urls: Mapping[targets.Target, str]) -> Line:
    return Line(
        event=event,
        sentence=sentences.sentence(event),
        deed=sentences.deed(event),
        target=counted.job_name(event) if event.subject_type == "job" else event.subject_label,
        target_url=urls.get((event.subject_type, event.subject_id), ""),
        changes=_changes(event),
        facts=_facts(event),
        means=_means(event, urls),
    )


def _means(event: Event, urls: Mapping[targets.Target, str]) -> Fact | None:
    """The credential, with its page where that may be opened."""
    if event.credential_id is None:
        return None
    kind, credential_id = event.credential_kind or "", str(event.credential_id)
    words = {KEY_PAIR: _("With key"), PROVISIONING_TOKEN: _("With provisioning token")}
    label = words.get(kind, _("With personal access token"))
    url = urls.get((kind, credential_id), "")
    return Fact(label=label, value=event.credential_label or credential_id, url=url)


def _changes(event: Event) -> list[Change]:
    """Field by field what was before and is after; of lists only what differs."""
    before, after = _side(event, "before"), _side(event, "after")
    found = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if name in before and name in after and old == new:
            continue
        if isinstance(old, list) and isinstance(new, list):
            old, new = [x for x in old if x not in new], [x for x in new if x not in old]
        found.append(Change(field=label(name), before=shown(name, old), after=shown(name, new)))
    return found


def refused_by(event: Event) -> str:
    """Which part of somebody's rights refused, in words; empty where the event does not say."""
    return shown("refused_by", event.detail.get("refused_by"))


def _side(event: Event, side: str) -> Mapping[str, Any]:
    found = event.detail.get(side)
    return found if isinstance(found, Mapping) else {}


def _facts(event: Event) -> list[Fact]:
    """What the event tells beside what changed, and who asked with which program."""
    rest = {name: value for name, value in event.detail.items() if name not in NOT_SHOWN}
    if rest.get("credential") == str(event.credential_id):
        del rest["credential"]  # said by its name
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
    for settings in (switches, numbers):
        if name in settings:
            return str(settings.get(name).label)
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
        case _:
            return phrases.time(value) if name in TIMES else _word(name, str(value))


def _word(name: str, value: str) -> str:
    """A text as people know it, where it is one of a list, or was written for a machine."""
    if name == "route":
        return readable(value)
    if name == "levels" and value in LEVELS:
        return str(LEVELS[value].label)
    if name == "kind":
        return next((str(each.get(value).label) for each in KINDS if value in each), value)
    return str(CHOICES.get(name, {}).get(value, value))
