"""The accounts that an import touches, as a table to keep: as long as its plan is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.imports.models import ImportRun, PlannedChange
from accounts.imports.states import REMOVING, Change, State
from accounts.imports.upkeep import KEEP_PLANS
from accounts.lib.csv_safety import stream_csv

ROWS_AT_ONCE: Final = 2000


def kept_until(import_run: ImportRun) -> datetime | None:
    """When the rows of its plan go; None while it has not ended."""
    return import_run.finished_at + KEEP_PLANS if import_run.finished_at else None


def are_kept(import_run: ImportRun) -> bool:
    """Whether there is anything to download."""
    return PlannedChange.objects.filter(plan=import_run.plan or 0).exists()


def as_csv(import_run: ImportRun) -> Iterator[bytes]:
    """Account ID, Account Name, what happened, and what changed; in the order of the plan.

    Before the import is applied it says what would happen, and after one that was given up what
    would have.
    """
    applied = import_run.state == State.APPLIED
    header = (
        _("Account ID"),
        _("Account Name"),
        _("What happened") if applied else _("What would happen"),
        _("Changed attributes"),
    )
    words = _words(import_run)
    nothing = _("(empty)")
    found = PlannedChange.objects.filter(plan=import_run.plan or 0).order_by("kind", "line", "id")

    def rows() -> Iterator[tuple[str, ...]]:
        for row in found.iterator(chunk_size=ROWS_AT_ONCE):
            yield row.native_identity, row.name, words[row.kind], _changed(row, nothing)

    return stream_csv(header, rows())


def _words(import_run: ImportRun) -> Mapping[int, str]:
    goes = import_run.decision in REMOVING
    return {
        Change.NEW.value: _("Added"),
        Change.CHANGED.value: _("Changed"),
        Change.MISSING.value: _("Removed") if goes else _("Missing, stays"),
    }


def _changed(row: PlannedChange, nothing: str) -> str:
    """Such as "e-mail: a@x.y → b@x.y; purpose: Audit → (empty)"."""
    return "; ".join(
        f"{d.attribute}: {_text(d.before, nothing)} → {_text(d.after, nothing)}"
        for d in row.differences
    )


def _text(value: Any, nothing: str) -> str:
    if value is None:
        return nothing
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
