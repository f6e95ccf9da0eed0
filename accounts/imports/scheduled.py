"""A source is read at set times: what is within the threshold is applied without being asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.permissions import Permission
from accounts.imports import actions
from accounts.imports.ending import give_up
from accounts.imports.models import ImportRun
from accounts.imports.states import HOLDING, OPEN
from accounts.jobs import actions as jobs
from accounts.jobs.kinds import JobKind
from accounts.jobs.run import Run
from accounts.sources.locking import lock
from accounts.sources.models import Source
from accounts.sources.policies import may_manage

TELL_OWNER: Final = "import.tell_owner"
"""The kind of job that mails the owner of a source; registered above, where mail is known."""
HELD: Final = "import_held"
FAILED: Final = "import_failed"


class ReadSource(JobKind):
    """Begins a reading, unless one is at work; plan and application are jobs of their own."""

    label: str | Promise = gettext_lazy("Scheduled aggregation")
    permission: Permission | None = None

    def may_be_scheduled(self, by: Actor | None, payload: Mapping[str, Any]) -> bool:
        """It is read in the name of whoever set the times, so they must manage it still."""
        source = Source.objects.existing().filter(pk=payload["source"]).first()
        return source is None or (by is not None and may_manage(by, source))

    def run(self, run: Run) -> Mapping[str, Any]:
        source = Source.objects.existing().filter(pk=run.payload["source"]).first()
        if source is None:
            return {"started": 0}
        try:
            with transaction.atomic():
                lock(source)  # before its imports, as applying does
                give_up_held(source, at=run.clock())
                actions.refresh(by=SYSTEM, source=source, at=run.clock(), confirm=True)
        except jobs.AlreadyRunning:
            return {"started": 0}
        return {"started": 1}


def give_up_held(source: Source, *, at: datetime) -> None:
    """End what an earlier reading left for somebody to decide: the next one says it anew.

    One that was let off the threshold, and only waits to be confirmed, stays.
    """
    waiting = ImportRun.objects.filter(
        source=source, auto_apply=True, state__in=OPEN, override_reason=""
    )
    give_up(waiting, reason=_("A newer reading took its place."), at=at)


def tell_held(import_run: ImportRun, *, at: datetime) -> None:
    """Tell the owner that a reading waits for them; not again while the same number is missing."""
    earlier = ImportRun.objects.filter(source=import_run.source_id, auto_apply=True)
    last = earlier.exclude(pk=import_run.pk).newest_first().first()
    if last is None or last.decision not in HOLDING or last.missing != import_run.missing:
        tell(import_run, HELD, at=at)


def tell(import_run: ImportRun, what: str, *, at: datetime) -> None:
    """Have the owner of the source told, in the transaction in which it came to be."""
    jobs.start(
        by=SYSTEM,
        kind=TELL_OWNER,
        subject=import_run.source,
        payload={"import": str(import_run.pk), "what": what, "tries": 1},
        at=at,
    )
