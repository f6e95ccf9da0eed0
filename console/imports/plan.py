"""A plan as its page shows it: numbers, the rows behind each, and the button that names them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.imports import affected, queries
from accounts.imports.states import REMOVING, Change, Mode, State
from accounts.models import ImportRun, PlannedChange, RejectedRow, SchemaAttribute
from console.imports import missing
from console.ui.access import ConsoleRequest
from console.ui.lists import Order, Page, address, paginate
from console.ui.values import text

COLUMNS_SHOWN: Final = 6
"""Attributes of a new or missing account that stand in the table; the others open."""
NAMES_SHOWN: Final = 5

KINDS: Final[dict[str, Change]] = {
    "new": Change.NEW,
    "changed": Change.CHANGED,
    "missing": Change.MISSING,
}
LABELS: Final[dict[str, str | Promise]] = {
    "new": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "unchanged": gettext_lazy("Unchanged"),
    "missing": gettext_lazy("Missing"),
    "rejected": gettext_lazy("Rejected"),
}
OPENS: Final = ("rejected", "missing", "changed", "new")
"""What is opened first: what needs a look before what does not."""


@dataclass(frozen=True)
class Cell:
    """A value of an account, as text."""

    label: str
    value: str


def shown(
    request: ConsoleRequest, run: ImportRun, attributes: Sequence[SchemaAttribute]
) -> dict[str, Any]:
    """The context of the plan: figures, and the rows of the one that is open."""
    names = [attribute.name for attribute in attributes]
    opened = request.GET.get("show", "")
    if opened not in LABELS:
        opened = next((name for name in OPENS if getattr(run, name)), "")
    context: dict[str, Any] = {
        "figures": _figures(request, run, opened),
        "opened": opened,
        "button": button(run),
        "removes": run.decision in REMOVING and run.missing > 0,
        "affected": affected.are_kept(run),
        "affected_until": affected.kept_until(run),
        "shared": run.shared_names[:NAMES_SHOWN],
        "more_shared": max(0, run.shared_name_count - NAMES_SHOWN),
    }
    if run.missing and run.state in (State.PLANNED, State.HELD):
        context |= _missing(request, run)
    if opened in KINDS:
        page: Page[PlannedChange] = paginate(
            request,
            queries.changes(run, KINDS[opened]),
            orders=[Order("row", "id")],
            default="row",
        )
        rows = [_change(row, names) for row in page.rows]
        if opened == "missing":
            identities = missing.behind(run, page.rows, request.user)
            for item in rows:
                item["identity"] = identities.get(item["row"].native_identity)
        return context | {"page": page, "rows": rows, "columns": names[:COLUMNS_SHOWN]}
    if opened == "rejected":
        rejects: Page[RejectedRow] = paginate(
            request, queries.rejected(run), orders=[Order("line", "line")], default="line"
        )
        listed = [{"row": row, "content": _content(row, run)} for row in rejects.rows]
        return context | {"page": rejects, "rows": listed}
    return context


def _missing(request: ConsoleRequest, run: ImportRun) -> dict[str, Any]:
    first = missing.first(run, request.user)
    return {
        "missing_first": first,
        "missing_more": max(0, run.missing - len(first)),
        "missing_fate": missing.fate(run, request.user),
        "judged": missing.judged(run, run.source.delete_threshold_percent),
    }


def _figures(request: HttpRequest, run: ImportRun, opened: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "value": f"{getattr(run, name):,}",
            "url": address(request, show=name, after="", before=""),
            "current": name == opened,
        }
        for name, label in LABELS.items()
    ]


def _change(row: PlannedChange, names: Sequence[str]) -> dict[str, Any]:
    values = row.values
    return {
        "row": row,
        "cells": [Cell(name, text(values.get(name))) for name in names[:COLUMNS_SHOWN]],
        "rest": [
            {"label": name, "value": text(values[name])}
            for name in names[COLUMNS_SHOWN:]
            if name in values
        ],
        "changes": [
            {"field": d.attribute, "before": text(d.before), "after": text(d.after)}
            for d in row.differences
        ],
    }


def _content(row: RejectedRow, run: ImportRun) -> list[dict[str, str]]:
    """What stood in the row, by the file's columns as far as there are such."""
    found = json.loads(row.content)
    if isinstance(found, dict):
        return [{"label": name, "value": text(value)} for name, value in found.items()]
    header = [str(name) for name in run.header]
    return [
        {
            "label": header[place]
            if place < len(header)
            else _("Cell %(number)d") % {"number": place + 1},
            "value": str(cell),
        }
        for place, cell in enumerate(found)
    ]


def button(run: ImportRun) -> str:
    """What confirming does, with the numbers; "Import: add 3, change 1, remove 2".

    Empty where that is nothing: then there is nothing to confirm.
    """
    parts = []
    if run.new:
        parts.append(_("add %(n)s") % {"n": f"{run.new:,}"})
    if run.changed:
        parts.append(_("change %(n)s") % {"n": f"{run.changed:,}"})
    if run.decision in REMOVING and run.missing:
        parts.append(_("remove %(n)s") % {"n": f"{run.missing:,}"})
    if not parts:
        return ""
    return _("Import: %(what)s") % {"what": ", ".join(parts)}


def facts(run: ImportRun) -> list[dict[str, Any]]:
    """Where the import comes from, and what became of it."""
    asked = _("Uploaded by") if run.file_name else _("Started by")
    found: list[dict[str, Any]] = [{"label": asked, "value": run.uploaded_by}]
    when = _("Upload Date") if run.file_name else _("Started")
    found.append({"label": when, "at": run.uploaded_at, "exact": True})
    if run.file_name:
        size = f"{run.file_name} ({filesizeformat(run.size)})"
        found.insert(0, {"label": _("File"), "value": size})
        found.append({"label": _("Encoding"), "value": run.encoding_label or _("Not known yet")})
        found.append({"label": _("SHA-256"), "value": run.sha256, "copy": True})
    if run.file_name or run.mode != Mode.FULL:
        found.append({"label": _("Mode"), "value": run.get_mode_display()})
    if run.plan is not None:
        found.append({"label": _("Accounts Scanned"), "value": f"{run.scanned:,}"})
    if run.confirmed_by:
        found.append({"label": _("Confirmed by"), "value": run.confirmed_by})
    if run.override_reason:
        said = {"who": run.overridden_by, "why": run.override_reason}
        found.append({"label": _("Override"), "value": _("%(who)s: %(why)s") % said})
    if run.ignored_columns:
        names = ", ".join(map(str, run.ignored_columns))
        found.append({"label": _("Ignored columns"), "value": names})
    if run.state in (State.APPLIED, State.FAILED, State.CANCELLED):
        found.append({"label": _("Ended"), "at": run.finished_at, "exact": True})
    return found
