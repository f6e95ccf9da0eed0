"""Sentences of the audit log that say how many: imports, sources, profiles, jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.jobs.kinds import kinds
from accounts.models import Event
from console.ui.phrases import Text, and_more, values

PARTS: Final[dict[str, Text]] = {
    "created": gettext_lazy("%(n)s created"),
    "new": gettext_lazy("%(n)s new"),
    "changed": gettext_lazy("%(n)s changed"),
    "restored": gettext_lazy("%(n)s enabled again"),
    "joined": gettext_lazy("%(n)s joined"),
    "taken_over": gettext_lazy("%(n)s taken over"),
    "disabled": gettext_lazy("%(n)s disabled"),
    "removed": gettext_lazy("%(n)s removed"),
    "handed_over": gettext_lazy("%(n)s handed over"),
    "missing": gettext_lazy("%(n)s missing"),
    "rejected": gettext_lazy("%(n)s rejected"),
    "in_error": gettext_lazy("%(n)s in error"),
}
"""Members of a result that are told, in this order, where they are not 0."""


def number(event: Event, name: str) -> int:
    value = event.detail.get(name)
    return value if type(value) is int else 0


def parts(event: Event, *, without: tuple[str, ...] = ()) -> str:
    """Such as "4 new, 1 changed"; empty where nothing is told."""
    counts = {name: number(event, name) for name in PARTS if name not in without}
    return ", ".join(str(PARTS[name]) % {"n": f"{n:,}"} for name, n in counts.items() if n)


def with_parts(
    text: Text, *, nothing: Text = "", without: tuple[str, ...] = ()
) -> Callable[[Event], str]:
    """A sentence, and after a colon what it came to."""

    def said(event: Event) -> str:
        sentence = str(text) % values(event)
        told = parts(event, without=without) or (str(nothing) if event.detail else "")
        return f"{sentence}: {told}" if told else sentence

    return said


import_planned = with_parts(
    gettext_lazy("The plan of the import %(target)s was made"),
    nothing=gettext_lazy("nothing changes"),
)
import_applied = with_parts(
    gettext_lazy("%(actor)s imported accounts from %(target)s"),
    nothing=gettext_lazy("nothing changed"),
    without=("missing",),
)
processing_planned = with_parts(
    gettext_lazy("The changes of identity profile %(target)s were planned"),
    nothing=gettext_lazy("nothing changes"),
)
processing_applied = with_parts(
    gettext_lazy("The changes of identity profile %(target)s were applied"),
    nothing=gettext_lazy("nothing changed"),
)


def accounts(one: Callable[[int], str], none: Text, member: str) -> Callable[[Event], str]:
    """A sentence that names how many accounts; `none` where the event does not say."""

    def said(event: Event) -> str:
        count = number(event, member)
        text = one(count) if member in event.detail else str(none)
        return text % (values(event) | {"count": f"{count:,}"})

    return said


def held(event: Event) -> str:
    if event.detail.get("decision") == "unreadable":
        text = _("The import %(target)s was held: rows could not be read, and accounts would go")
        return text % values(event)
    return accounts(
        lambda n: ngettext(
            "The import %(target)s was held: it would remove %(count)s account",
            "The import %(target)s was held: it would remove %(count)s accounts",
            n,
        ),
        _("The import %(target)s was held: it would remove too many accounts"),
        "missing",
    )(event)


def overridden(event: Event) -> str:
    return accounts(
        lambda n: ngettext(
            "%(actor)s let the import %(target)s remove %(count)s account, which is more than "
            "the threshold allows",
            "%(actor)s let the import %(target)s remove %(count)s accounts, which is more than "
            "the threshold allows",
            n,
        ),
        _("%(actor)s let the import %(target)s remove more accounts than the threshold allows"),
        "missing",
    )(event)


def kept_missing(event: Event) -> str:
    return accounts(
        lambda n: ngettext(
            "%(actor)s let the import %(target)s keep %(count)s missing account",
            "%(actor)s let the import %(target)s keep %(count)s missing accounts",
            n,
        ),
        _("%(actor)s let the import %(target)s go on without removing accounts"),
        "missing",
    )(event)


def all_removed(event: Event) -> str:
    return accounts(
        lambda n: ngettext(
            "%(actor)s removed the only account of source %(target)s",
            "%(actor)s removed all %(count)s accounts of source %(target)s",
            n,
        ),
        _("%(actor)s removed all accounts of source %(target)s"),
        "removed",
    )(event)


def accounts_exported(event: Event) -> str:
    return accounts(
        lambda n: ngettext(
            "%(actor)s exported the %(count)s account of source %(target)s",
            "%(actor)s exported the %(count)s accounts of source %(target)s",
            n,
        ),
        _("%(actor)s exported the accounts of source %(target)s"),
        "rows",
    )(event)


def profile_deleted(event: Event) -> str:
    return accounts(
        lambda n: ngettext(
            "%(actor)s deleted identity profile %(target)s; its %(count)s identity stays",
            "%(actor)s deleted identity profile %(target)s; its %(count)s identities stay",
            n,
        ),
        _("%(actor)s deleted identity profile %(target)s"),
        "identities",
    )(event)


def schema_changed(event: Event) -> str:
    """One attribute was added, changed or removed, or the whole schema replaced."""
    before, after = _side(event, "before"), _side(event, "after")
    old, new = before.get("name"), after.get("name")
    said = values(event) | {"old": old, "new": new}
    names = after.get("attributes")
    match (isinstance(names, list), bool(old), bool(new)):
        case (True, _old, _new):
            said |= {"count": len(names or [])}
            text = ngettext(
                "%(actor)s replaced the account schema of %(target)s: %(count)d attribute",
                "%(actor)s replaced the account schema of %(target)s: %(count)d attributes",
                said["count"],
            )
        case (False, False, True):
            text = _("%(actor)s added attribute %(new)s to the account schema of %(target)s")
        case (False, True, False):
            text = _("%(actor)s removed attribute %(old)s from the account schema of %(target)s")
        case (False, True, True) if old != new:
            text = _("%(actor)s renamed attribute %(old)s of %(target)s to %(new)s")
        case (False, True, True):
            text = _("%(actor)s changed attribute %(new)s in the account schema of %(target)s")
        case _:
            text = _("%(actor)s changed the account schema of %(target)s")
    return text % said


def mapped(event: Event) -> str:
    names = sorted({*_side(event, "before"), *_side(event, "after")})
    said = values(event) | {"names": and_more(names)}
    if not names:
        return _("%(actor)s changed the mappings of %(target)s") % said
    return (
        ngettext(
            "%(actor)s changed the mapping of %(names)s of %(target)s",
            "%(actor)s changed the mappings of %(names)s of %(target)s",
            len(names),
        )
        % said
    )


def _side(event: Event, side: str) -> Mapping[str, Any]:
    found = event.detail.get(side)
    return found if isinstance(found, Mapping) else {}


def job_name(event: Event) -> str:
    """A job by its kind and what it is about, as people know them."""
    kind = str(event.detail.get("kind") or event.subject_label.partition(" ")[0])
    subject = event.subject_label.removeprefix(kind).strip()
    name = str(kinds.get(kind).label) if kind in kinds else kind
    named = _("“%(job)s” of %(subject)s") if subject else _("“%(job)s”")
    return named % {"job": name, "subject": subject}


def job(text: Text) -> Callable[[Event], str]:
    """A sentence about a job."""
    return lambda event: str(text) % (values(event) | {"job": job_name(event)})
