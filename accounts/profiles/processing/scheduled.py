"""Identity processing at set times: what changed meanwhile is applied without being asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.jobs import schedules
from accounts.jobs.kinds import JobKind
from accounts.jobs.models import Schedule
from accounts.jobs.run import Run
from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing import actions
from accounts.profiles.processing.models import Processing
from accounts.profiles.processing.states import State
from accounts.profiles.specs import compiled
from accounts.profiles.transforms.base import BadDefinition

NAME: Final = "Identity refresh"
KIND: Final = "identity_processing.refresh"
TIMES: Final = ("08:00", "20:00")
"""By the tenant's clock."""


class Refresh(JobKind):
    """Starts the processing of each profile that has something to apply, or looks at the time."""

    label: str | Promise = gettext_lazy("Scheduled identity processing")
    permission: Permission | None = None

    def run(self, run: Run) -> Mapping[str, Any]:
        started = 0
        for profile in IdentityProfile.objects.existing().select_related("source"):
            if not (profile.refresh_required or _depends_on_more(profile)):
                continue
            if _waits_for_somebody(profile):
                continue
            try:
                actions.plan(by=SYSTEM, profile=profile, at=run.clock(), auto_apply=True)
            except actions.AlreadyProcessing:
                continue
            started += 1
        return {"profiles": started}


def _waits_for_somebody(profile: IdentityProfile) -> bool:
    """Whether a plan that a person asked for waits for their confirmation: it is theirs to give."""
    theirs = Processing.objects.filter(profile=profile, state=State.PLANNED, auto_apply=False)
    return theirs.exists()


def _depends_on_more(profile: IdentityProfile) -> bool:
    try:
        return compiled(profile).depends_on_more
    except BadDefinition:
        return False  # the profile's own processing tells what is wrong


def ensure(*, at: datetime) -> None:
    """Put the schedule up where there is none yet."""
    if not Schedule.objects.filter(name=NAME).exists():
        schedules.put(by=SYSTEM, name=NAME, kind=KIND, times=TIMES, at=at)
