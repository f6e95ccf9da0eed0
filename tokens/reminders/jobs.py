"""The job that looks for reminders, and its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.jobs import schedules
from accounts.jobs.kinds import JobKind
from accounts.jobs.run import Run
from accounts.models import Schedule
from tokens.reminders import actions

NAME: Final = "Reminders"
KIND: Final = "reminder.find"
TIMES: Final = ("08:00",)
"""By the tenant's clock."""


class FindReminders(JobKind):
    """Writes the letters of the day, all or none; sending them is a matter of their own."""

    label: str | Promise = gettext_lazy("Reminders of what ends soon")
    permission: Permission | None = None

    def run(self, run: Run) -> Mapping[str, Any]:
        actions.forget_old(at=run.clock())
        with transaction.atomic():
            result = asdict(actions.find(at=run.clock()))
            run.hold()
            run.finish(result)
        return result


def ensure(*, at: datetime) -> None:
    """Put the schedule up where there is none yet."""
    if not Schedule.objects.filter(name=NAME).exists():
        schedules.put(by=SYSTEM, name=NAME, kind=KIND, times=TIMES, at=at)
