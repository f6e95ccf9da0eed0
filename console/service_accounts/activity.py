"""The events of one account: which of them are asked for, and what this person may see of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import ActorKind
from accounts.audit.models import EventQuerySet, Outcome
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Event, Identity
from console.ui import events
from console.ui.events import Line

TOKEN_EVENTS: Final = ("token.issued", "token.refused")

KINDS: Final[dict[str, str | Promise]] = {
    "changes": gettext_lazy("Changes and keys"),
    "tokens": gettext_lazy("Tokens"),
    "refused": gettext_lazy("Refusals"),
}


def chosen_kind(text: str) -> str:
    return text if text in KINDS else ""


def filter_of(kind: str) -> dict[str, Any]:
    options = [("", _("Everything")), *((key, str(label)) for key, label in KINDS.items())]
    return {
        "name": "show",
        "label": _("Show"),
        "value": kind,
        "options": [{"value": value, "label": label} for value, label in options],
    }


def narrow(found: EventQuerySet, kind: str) -> EventQuerySet:
    match kind:
        case "changes":
            return found.exclude(action__in=TOKEN_EVENTS)
        case "tokens":
            return found.filter(action__in=TOKEN_EVENTS)
        case "refused":
            return found.ended_in(Outcome.REFUSED)
        case _:
            return found


def lines(found: Iterable[Event], *, person: Identity) -> list[Line]:
    """The events in words. Where colleagues work from is for those who may read the audit log."""
    found = list(found)
    if not may(person, Permission.AUDIT_VIEW):
        for event in found:
            if event.actor_kind not in (ActorKind.SERVICE, ActorKind.ANONYMOUS):
                event.address = event.user_agent = event.request_id = ""
    return events.lines(found, person=person)
