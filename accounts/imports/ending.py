"""Imports that end by themselves: nothing would change, or a newer file takes their place."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.imports.models import ImportRun, ImportRunQuerySet
from accounts.imports.states import OPEN, Mode, State
from accounts.sources.actions import note_health


def end_unchanged(import_run: ImportRun, *, by: Actor, at: datetime) -> None:
    """Let an import be done of which nothing is to be applied, so that nobody has to confirm it.

    The source was read, and is as it says. The caller holds the locks of source and import.
    """
    import_run.state, import_run.finished_at, import_run.job_id = State.APPLIED, at, None
    import_run.removed = 0
    import_run.save(update_fields=["state", "finished_at", "job_id", "removed"])
    note_health(import_run.source, failure="", at=at)
    detail = import_run.summary() | import_run.file_summary()
    record("import.unchanged", by=by, subject=import_run, detail=detail, at=at)


def give_up_older(import_run: ImportRun, *, at: datetime) -> None:
    """End the plans that wait while a newer one says what the whole source is.

    They have changed nothing, so nothing is lost. One that was let off the threshold with a reason
    stays, as does one that only merges, unless it is of the same file: it may be another part.
    """
    if import_run.auto_apply or import_run.mode != Mode.FULL:
        return
    waiting = ImportRun.objects.filter(
        Q(mode=Mode.FULL) | Q(sha256=import_run.sha256) & ~Q(sha256=""),
        source=import_run.source_id,
        state__in=OPEN,
        override_reason="",
        uploaded_at__lte=import_run.uploaded_at,
    ).exclude(pk=import_run.pk)
    if import_run.file_name:
        reason = _("A newer file took its place: %(name)s.") % {"name": import_run.file_name}
    else:
        reason = _("A newer reading took its place.")
    give_up(waiting, reason=reason, at=at)


def give_up(waiting: ImportRunQuerySet, *, reason: str, at: datetime) -> None:
    """Cancel imports that wait for somebody, unless they are decided about at this moment."""
    for old in waiting.select_related("source"):
        values = {"state": State.CANCELLED, "finished_at": at, "job_id": None, "failure": reason}
        if waiting.filter(pk=old.pk).update(**values):
            record("import.cancelled", by=SYSTEM, subject=old, reason=reason, at=at)
