"""Sentences of the audit log that depend on what the event says, for `sentences`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.authorization.levels import LEVELS
from accounts.models import Event
from accounts.tenant.catalogue import Number, numbers, switches
from accounts.tenant.time_zone import NAME as TIME_ZONE
from console.ui import times
from tokens.credentials.models import KeyOrigin
from tokens.credentials.types.key_pair import KEY_PAIR

Text = str | Promise
KID_SHOWN: Final = 8
"""Characters of a key id in a sentence; the whole one stands in the details."""


NOTED_LATE: Final = timedelta(hours=1)
"""An end that was noted so long after it is told with its time."""


@dataclass(frozen=True)
class Action:
    """A kind of event: what it is called in the filter, and its sentence."""

    label: Text
    sentence: Text | Callable[[Event], str]
    """With what `values` knows, such as `%(actor)s`; or a function of the event."""


def values(event: Event) -> dict[str, Any]:
    """What a sentence may name; short, since the details hold everything in full."""
    named = {name: value for name, value in event.detail.items() if isinstance(value, str | int)}
    return {
        "kid": "",
        "owner": "",
        "email": _("somebody"),
        "granted": "",
        "reached": "",
        "host": "",
        "name": "",
        "scope": "",
        "member": "",
        "group": "",
        "approver": "",
        "from": _("somebody"),
        "to": _("somebody"),
        "method": "",
        "path": "",
        "status": "",
        **named,
        **({"kid": _short(str(named["kid"]))} if "kid" in named else {}),
        "actor": event.actor_label,
        "target": event.subject_label or _("nothing in particular"),
    }


def with_means(said: str, event: Event) -> str:
    """A sentence about what a program did, with what it used: whom it acts for may not know."""
    label = event.credential_label or str(event.credential_id)
    if event.credential_kind == KEY_PAIR:
        return _("%(sentence)s (with key %(kid)s)") % {"sentence": said, "kid": _short(label)}
    return _("%(sentence)s (with token %(name)s)") % {"sentence": said, "name": label}


def _short(key_id: str) -> str:
    return key_id if len(key_id) <= KID_SHOWN + 1 else f"{key_id[:KID_SHOWN]}…"


def _side(event: Event, side: str) -> dict[str, Any]:
    found = event.detail.get(side)
    return dict(found) if isinstance(found, Mapping) else {}


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def and_more(names: list[str]) -> str:
    """The first name, and how many there are beside it."""
    if len(names) < 2:
        return "".join(names)
    more = len(names) - 1
    return ngettext("%(first)s and %(more)d more", "%(first)s and %(more)d more", more) % {
        "first": names[0],
        "more": more,
    }


FIELDS: Final[dict[str, Text]] = {
    "name": pgettext_lazy("what changed", "name"),
    "description": pgettext_lazy("what changed", "description"),
    "owner": pgettext_lazy("what changed", "owner"),
    "successor": pgettext_lazy("what changed", "successor"),
    "email": pgettext_lazy("what changed", "contact e-mail"),
    "scopes": pgettext_lazy("what changed", "scopes"),
    "ends_at": pgettext_lazy("what changed", "end date"),
}


def edited(event: Event) -> str:
    """An edit of one field is said whole; of several, which ones."""
    before, after = _side(event, "before"), _side(event, "after")
    said = values(event)
    fields = [field for field in FIELDS if field in after or field in before]
    if len(fields) > 1:
        said |= {"fields": _listed([str(FIELDS[field]) for field in fields])}
        return _("%(actor)s changed %(fields)s of %(target)s") % said
    old, new = (side.get(fields[0]) if fields else None for side in (before, after))
    match fields:
        case ["scopes"]:
            return _scopes_edited(_names(old), _names(new), said)
        case ["name"]:
            said |= {"before": old, "after": new}
            text = _("%(actor)s renamed service account %(before)s to %(after)s")
        case ["owner"] if new:
            said |= {"owner": new}
            text = _("%(actor)s made %(owner)s the owner of %(target)s")
        case ["owner"]:
            text = _("%(actor)s left %(target)s without an owner")
        case ["successor"] if new:
            said |= {"successor": new}
            text = _("%(actor)s made %(successor)s the successor of the owner of %(target)s")
        case ["successor"]:
            text = _("%(actor)s left the owner of %(target)s without a successor")
        case ["ends_at"] if new:
            said |= {"at": time(new)}
            text = _("%(actor)s let %(target)s end on %(at)s")
        case ["ends_at"]:
            text = _("%(actor)s removed the end date of %(target)s")
        case ["email"]:
            text = _("%(actor)s changed the contact e-mail of %(target)s")
        case ["description"]:
            text = _("%(actor)s changed the description of %(target)s")
        case _:
            text = _("%(actor)s changed service account %(target)s")
    return text % said


def _scopes_edited(before: list[str], after: list[str], said: dict[str, Any]) -> str:
    removed = [scope for scope in before if scope not in after]
    added = [scope for scope in after if scope not in before]
    said |= {"removed": and_more(removed), "added": and_more(added)}
    if removed and added:
        return (
            _("%(actor)s added %(added)s to the scopes of %(target)s and removed %(removed)s")
            % said
        )
    if removed:
        return (
            ngettext(
                "%(actor)s removed scope %(removed)s from %(target)s",
                "%(actor)s removed scopes %(removed)s from %(target)s",
                len(removed),
            )
            % said
        )
    return (
        ngettext(
            "%(actor)s added scope %(added)s to %(target)s",
            "%(actor)s added scopes %(added)s to %(target)s",
            len(added),
        )
        % said
    )


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}


def time(value: object) -> str:
    """A time of the details, written out; as it stands where it is none."""
    try:
        return times.exact(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def issued(event: Event) -> str:
    said = values(event)
    match said.get("origin"):
        case KeyOrigin.BROWSER:
            text = _("%(actor)s added key %(kid)s, made in the browser, to %(target)s")
        case KeyOrigin.UPLOADED:
            text = _("%(actor)s uploaded the public key %(kid)s for %(target)s")
        case KeyOrigin.OWNER:
            text = _("%(actor)s downloaded the new key %(kid)s of %(target)s")
        case _:
            text = _("%(actor)s made key %(kid)s for %(target)s")
    return text % said


def replaced(event: Event) -> str:
    detail = event.detail
    old = len(_names(detail.get("kids")))
    said = values(event) | {"count": old, "until": time(detail.get("valid_until"))}
    if not old:
        return _("%(actor)s gave %(target)s a key; it had none that worked") % said
    try:
        at_once = datetime.fromisoformat(str(detail.get("valid_until"))) <= event.at
    except (ValueError, TypeError):
        at_once = False
    if at_once:
        return (
            ngettext(
                "%(actor)s replaced the key of %(target)s; the old one stopped at once",
                "%(actor)s replaced the keys of %(target)s; %(count)d old ones stopped at once",
                old,
            )
            % said
        )
    return (
        ngettext(
            "%(actor)s replaced the key of %(target)s; the old one works until %(until)s",
            "%(actor)s replaced the keys of %(target)s; %(count)d old ones work until %(until)s",
            old,
        )
        % said
    )


def token_issued(event: Event) -> str:
    said = values(event) | {"scopes": and_more(_names(event.detail.get("scopes")))}
    return _("%(target)s got an access token for %(scopes)s") % said


def shared(text: Text) -> Callable[[Event], str]:
    """A sentence about a part in a stored account: with whom, and since when or until when."""

    def said(event: Event) -> str:
        side = _side(event, "after") or _side(event, "before")
        return str(text) % (values(event) | {"with": side.get("with", "")})

    return said


def late(text: Text) -> Callable[[Event], str]:
    """A sentence about an end; with its time where it was noted only long after it."""

    def said(event: Event) -> str:
        sentence = str(text) % values(event)
        try:
            ended_at = datetime.fromisoformat(str(event.detail.get("ended_at")))
        except ValueError:
            return sentence
        if event.at - ended_at < NOTED_LATE:
            return sentence
        return _("%(sentence)s on %(at)s") % {"sentence": sentence, "at": times.exact(ended_at)}

    return said


def reminded_of_key(event: Event) -> str:
    return _reminded(event, _("%(who)s was reminded %(when)s key %(kid)s of %(target)s expires"))


def reminded_of_token(event: Event) -> str:
    text = _("%(who)s was reminded %(when)s personal access token %(name)s of %(target)s expires")
    return _reminded(event, text)


def reminded_of_provisioning(event: Event) -> str:
    text = _("%(who)s was reminded %(when)s provisioning token of %(target)s expires")
    return _reminded(event, text)


def reminded_of_end(event: Event) -> str:
    return _reminded(event, _("%(who)s was reminded %(when)s service account %(target)s ends"))


def _reminded(event: Event, text: str) -> str:
    days = event.detail.get("days")
    to = event.detail.get("to") or _("Somebody")
    said = values(event) | {
        "who": _("Owner %(name)s") % {"name": to} if event.detail.get("is_owner") else to,
        "when": _("on the day that")
        if not isinstance(days, int) or days < 1
        else ngettext("%(days)d day before", "%(days)d days before", days) % {"days": days},
    }
    return text % said


def refusals(what: Text, many: Text) -> Callable[[Event], str]:
    """A refusal of a program, or the sum of those that came too fast to be written each."""

    def said(event: Event) -> str:
        count = event.detail.get("count")
        if isinstance(count, int):
            return str(many) % {"count": count}
        if event.subject_label:
            return str(what) % {"who": event.subject_label}
        return str(what) % {"who": _("Somebody unknown")}

    return said


def levels(event: Event) -> str:
    before, after = (_names(_side(event, side).get("levels")) for side in ("before", "after"))
    added = [str(LEVELS[code].label) for code in after if code not in before and code in LEVELS]
    removed = [str(LEVELS[code].label) for code in before if code not in after and code in LEVELS]
    said = values(event) | {"added": _listed(added), "removed": _listed(removed)}
    if added and not removed:
        return _("%(actor)s gave %(target)s the level %(added)s") % said
    if removed and not added:
        return _("%(actor)s took the level %(removed)s from %(target)s") % said
    return _("%(actor)s changed the levels of %(target)s") % said


def switched(event: Event) -> str:
    name, after = event.subject_label, _side(event, "after")
    if name == TIME_ZONE and after.get(name):
        return _("%(actor)s set the time zone to %(zone)s") % (
            values(event) | {"zone": after[name]}
        )
    found = next((kind.get(name) for kind in (switches, numbers) if name in kind), None)
    # there may be none: a later version may not have the setting any more
    said = values(event) | {"setting": str(found.label) if found else name}
    if isinstance(found, Number):
        return _("%(actor)s set to %(value)s: %(setting)s") % (said | {"value": after.get(name)})
    if after.get(name):
        return _("%(actor)s turned on: %(setting)s") % said
    return _("%(actor)s turned off: %(setting)s") % said
