"""A plan of changes as its page shows it: numbers, the rows behind each, and the button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import AccountProblem, PlannedEffect, Processing
from accounts.profiles import managed_by, queries
from accounts.profiles.attributes import AttributeInfo, known
from accounts.profiles.models import InvitePolicy
from accounts.profiles.processing.holding import REWRITING, signing_in_otherwise
from accounts.profiles.processing.states import LOSING, MANAGED, SHOWN, Effect, State
from console.profiles.exceptions import identity_url
from console.ui.lists import Order, Page, address, paginate
from console.ui.values import text

NAMES_SHOWN: Final = 5
WITH_PLAN: Final = (State.PLANNED, State.APPLYING, State.APPLIED, State.FAILED, State.CANCELLED)
ALWAYS_SHOWN: Final = (Effect.CREATED, Effect.CHANGED)
"""Also where the plan has none of them; the others stand there when they happen."""
FIGURES: Final[dict[Effect, str | Promise]] = {
    Effect.CREATED: gettext_lazy("Created"),
    Effect.CHANGED: gettext_lazy("Changed"),
    Effect.RESTORED: gettext_lazy("Enabled again"),
    Effect.JOINED: gettext_lazy("Joined"),
    Effect.TAKEN_OVER: gettext_lazy("Taken over"),
    Effect.DISABLED: gettext_lazy("Disabled"),
    Effect.REMOVED: gettext_lazy("Removed"),
    Effect.HANDED_OVER: gettext_lazy("Handed over"),
}
UNCHANGED: Final = "unchanged"
IN_ERROR: Final = "in_error"
VERBS: Final[dict[Effect, str | Promise]] = {
    Effect.CREATED: gettext_lazy("create %(n)s"),
    Effect.CHANGED: gettext_lazy("change %(n)s"),
    Effect.RESTORED: gettext_lazy("enable %(n)s again"),
    Effect.JOINED: gettext_lazy("join %(n)s"),
    Effect.TAKEN_OVER: gettext_lazy("take over %(n)s"),
    Effect.DISABLED: gettext_lazy("disable %(n)s"),
    Effect.REMOVED: gettext_lazy("remove %(n)s"),
    Effect.HANDED_OVER: gettext_lazy("hand over %(n)s"),
}


def losing(processing: Processing) -> int:
    """How many identities lose their keys and tokens."""
    return sum(processing.count(effect) for effect in LOSING)


def shown(request: HttpRequest, processing: Processing) -> dict[str, Any]:
    """The context of the plan: figures, and the rows of the one that is open."""
    numbers = {effect.name.lower(): processing.count(effect) for effect in SHOWN}
    numbers |= {UNCHANGED: processing.unchanged, IN_ERROR: processing.in_error}
    opened = request.GET.get("show", "")
    if opened not in numbers:
        order = [IN_ERROR, *(effect.name.lower() for effect in (*LOSING, *SHOWN))]
        opened = next((name for name in order if numbers[name]), "")
    context: dict[str, Any] = {
        "figures": _figures(request, numbers, opened),
        "opened": opened,
        "opened_label": _label(opened) if opened else "",
        "button": button(processing),
        "losing": losing(processing),
        "unknown": sorted(processing.unknown_states.items(), key=lambda pair: -pair[1]),
        "invites": processing.profile.invite_policy == InvitePolicy.ON_CREATION,
        "shared": processing.shared_names[:NAMES_SHOWN],
        "more_shared": max(0, processing.shared_name_count - NAMES_SHOWN),
    }
    if opened == IN_ERROR:
        return context | _problems(request, processing)
    if opened and opened != UNCHANGED:
        return context | _effects(request, processing, Effect[opened.upper()])
    return context


def _label(name: str) -> str:
    if name == UNCHANGED:
        return _("Unchanged")
    return _("In error") if name == IN_ERROR else str(FIGURES[Effect[name.upper()]])


def _figures(request: HttpRequest, numbers: Mapping[str, int], opened: str) -> list[dict[str, Any]]:
    always = {UNCHANGED, IN_ERROR, *(effect.name.lower() for effect in ALWAYS_SHOWN)}
    return [
        {
            "label": _label(name),
            "value": f"{number:,}",
            "url": address(request, show=name, after="", before=""),
            "current": name == opened,
        }
        for name, number in numbers.items()
        if number or name in always
    ]


def _effects(request: HttpRequest, processing: Processing, effect: Effect) -> dict[str, Any]:
    page: Page[PlannedEffect] = paginate(
        request, queries.planned(processing, effect), orders=[Order("id", "id")], default="id"
    )
    labels = known()
    columns = _columns(page.rows, labels) if effect == Effect.CREATED else []
    renamed = set(
        signing_in_otherwise(
            PlannedEffect.objects.filter(pk__in=[row.pk for row in page.rows])
        ).values_list("pk", flat=True)
        if effect in REWRITING and processing.state == State.PLANNED
        else ()
    )
    is_there = effect not in (Effect.CREATED, Effect.REMOVED) or (
        effect == Effect.CREATED and processing.state == State.APPLIED
    )
    return {
        "page": page,
        "columns": [_label_of(name, labels) for name in columns],
        "rows": [
            {
                "row": row,
                "renamed": row.pk in renamed,
                "url": identity_url(processing.profile, row.identity_id) if is_there else "",
                "cells": [
                    {"label": _label_of(name, labels), "value": text(row.values.get(name))}
                    for name in columns
                ],
                "changes": [
                    {
                        "field": _label_of(change.attribute, labels),
                        "before": text(change.before),
                        "after": text(change.after),
                    }
                    for change in row.differences
                ],
            }
            for row in page.rows
        ],
    }


MOST_COLUMNS: Final = 4


def _columns(rows: Sequence[PlannedEffect], labels: Mapping[str, AttributeInfo]) -> list[str]:
    """Attributes of new identities that stand in the table, beside the user name."""
    present = dict.fromkeys(name for row in rows for name in row.values)
    ordered = [name for name in labels if name in present and name != "uid"]
    return ordered[:MOST_COLUMNS]


def _label_of(name: str, labels: Mapping[str, AttributeInfo]) -> str:
    return str(labels[name].label) if name in labels else name


def _problems(request: HttpRequest, processing: Processing) -> dict[str, Any]:
    found = AccountProblem.objects.filter(plan=processing.plan or 0)
    page: Page[AccountProblem] = paginate(request, found, orders=[Order("id", "id")], default="id")
    labels = known()
    rows = [
        {
            "row": row,
            "label": _label_of(row.attribute, labels) if row.attribute else "",
            "cause": _cause(row),
        }
        for row in page.rows
    ]
    return {"page": page, "rows": rows}


def _cause(row: AccountProblem) -> str:
    if row.kind in MANAGED:
        return managed_by.cause(row)
    if row.cause:
        return f"{row.path}: {row.cause}" if row.path else row.cause
    return _("Another has the name %(name)s, too") % {"name": row.user_name}


def button(processing: Processing) -> str:
    """What confirming does, with the numbers; "Apply: create 3, change 1, disable 2"."""
    parts = [VERBS[effect] % {"n": f"{n:,}"} for effect, n in processing.counts if n]
    if not parts:
        return _("Apply: nothing changes")
    if count := processing.disabled_by_state:
        parts.append(_("disable %(n)s by life-cycle state") % {"n": f"{count:,}"})
    if count := processing.enabled_by_state:
        parts.append(_("enable %(n)s by life-cycle state") % {"n": f"{count:,}"})
    return _("Apply: %(what)s") % {"what": ", ".join(parts)}


def result(processing: Processing) -> str:
    """Such as "1 identity created, 2 changed"; empty before it was applied."""
    if processing.state != State.APPLIED:
        return ""
    parts: list[str] = []
    for effect, count in processing.counts:
        if not count:
            continue
        number, what = f"{count:,}", str(FIGURES[effect]).lower()
        if parts:
            parts.append(f"{number} {what}")
        else:
            said = ngettext("%(n)s identity %(what)s", "%(n)s identities %(what)s", count)
            parts.append(said % {"n": number, "what": what})
    for count, what in (
        (processing.disabled_by_state, _("%(n)s disabled by life-cycle state")),
        (processing.enabled_by_state, _("%(n)s enabled by life-cycle state")),
    ):
        if count:
            parts.append(what % {"n": f"{count:,}"})
    if not parts:
        return _("Nothing changed: every identity is as its account says")
    return ", ".join(parts)


def facts(processing: Processing) -> list[dict[str, Any]]:
    """Who asked for it, who confirmed it, and how it ended."""
    found: list[dict[str, Any]] = [
        {"label": _("Asked for by"), "value": processing.asked_by},
        {"label": _("Asked for"), "at": processing.asked_at, "exact": True},
    ]
    if processing.planned_at is not None:
        found.append({"label": _("Planned"), "at": processing.planned_at, "exact": True})
        found.append({"label": _("Accounts"), "value": f"{processing.accounts:,}"})
    if processing.confirmed_by:
        found.append({"label": _("Confirmed by"), "value": processing.confirmed_by})
    if processing.finished_at is not None:
        found.append({"label": _("Ended"), "at": processing.finished_at, "exact": True})
    return found
