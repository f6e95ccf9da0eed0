"""The daily job that looks for passwords that are too old, and its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.jobs import schedules
from accounts.jobs.kinds import JobKind
from accounts.jobs.models import Schedule
from accounts.jobs.run import Run
from accounts.sign_in import password_age, rules

NAME: Final = "Password age"
KIND: Final = "password.age"
TIMES: Final = ("07:00",)
"""By the tenant's clock."""


class FindOldPasswords(JobKind):
    """Marks passwords that are too old and tells whose will be soon; see `password_age.find`."""

    label: str | Promise = gettext_lazy("Age of passwords")
    permission: Permission | None = None

    def run(self, run: Run) -> Mapping[str, Any]:
        return asdict(password_age.find(at=run.clock()))


def ensure() -> None:
    """Put the schedule up once the tenant asks for it; upkeep. The job of a tenant that asks no
    more takes the marks away."""
    if not Schedule.objects.filter(name=NAME).exists() and rules.current().password_days:
        schedules.put(by=SYSTEM, name=NAME, kind=KIND, times=TIMES, at=timezone.now())
