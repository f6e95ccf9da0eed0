from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """How far an integration is, and how its last synchronization ended."""

    UNDER_VALIDATION = "under_validation", _("Under validation")
    VALIDATED = "validated", _("Validated")
    VALIDATION_FAILED = "validation_failed", _("Validation failed")
    IN_PROGRESS = "in_progress", _("In progress")
    RETRYING = "retrying", _("Retrying")
    WAITING = "waits", _("Waiting for confirmation")
    HELD = "held", _("Held")
    FAILED = "failed", _("Failed")
    UP_TO_DATE = "up_to_date", _("Up to date")


NOT_TESTED: Final = (Status.UNDER_VALIDATION, Status.VALIDATION_FAILED)
"""Nothing is synchronized by these."""


class RunState(models.TextChoices):
    """Of one synchronization."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    RETRYING = "retrying", _("Retrying")
    PLANNED = "planned", _("Waiting for confirmation")
    HELD = "held", _("Held")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


BUSY: Final = (RunState.QUEUED, RunState.RUNNING)
"""A job is at it, or about to be."""
WAITING: Final = (RunState.PLANNED, RunState.HELD)
"""For a person."""
OPEN: Final = (*BUSY, RunState.RETRYING, *WAITING)


class StepState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Not needed any more")


class Act(models.TextChoices):
    """What is done to somebody's account in the application."""

    INVITE = "invite", _("Invite")
    UPDATE = "update", _("Update")
    DEACTIVATE = "deactivate", _("Deactivate")
    REMOVE = "remove", _("Remove")
    REFUSE = "refuse", _("Not possible")


LEAVING: Final = (Act.DEACTIVATE, Act.REMOVE)


class Leavers(models.TextChoices):
    """What becomes of the account of somebody who should have none any more."""

    DEACTIVATE = "deactivate", _("Deactivate it")
    REMOVE = "remove", _("Remove it for good")


class Auth(models.TextChoices):
    """How the application is told who calls."""

    BEARER = "bearer", _("Token")
    BASIC = "basic", _("User name and password")
