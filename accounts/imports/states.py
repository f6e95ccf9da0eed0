from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    PLANNING = "planning", _("Making the plan")
    PLANNED = "planned", _("Waiting for confirmation")
    HELD = "held", _("Held: too many accounts would be removed")
    APPLYING = "applying", _("Importing")
    APPLIED = "applied", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


MOVES: dict[State, frozenset[State]] = {
    State.UPLOADED: frozenset({State.PLANNING, State.CANCELLED, State.FAILED}),
    State.PLANNING: frozenset({State.PLANNED, State.HELD, State.FAILED, State.CANCELLED}),
    State.PLANNED: frozenset({State.PLANNING, State.APPLYING, State.CANCELLED}),
    State.HELD: frozenset({State.PLANNED, State.PLANNING, State.CANCELLED}),
    State.APPLYING: frozenset(
        {State.APPLIED, State.PLANNED, State.HELD, State.FAILED, State.CANCELLED}
    ),
    State.APPLIED: frozenset(),
    # with another encoding, or after the schema was mended
    State.FAILED: frozenset({State.PLANNING}),
    State.CANCELLED: frozenset(),
}
"""Which state may follow which. Applying goes back where the accounts had changed meanwhile."""

OPEN = (State.UPLOADED, State.PLANNED, State.HELD)
"""Waiting for a person."""
BUSY = (State.PLANNING, State.APPLYING)
FINISHED = (State.APPLIED, State.FAILED, State.CANCELLED)


class Mode(models.TextChoices):
    FULL = "full", _("Full file: accounts that are not in it are removed")
    MERGE_ONLY = "merge_only", _("Merge only: nothing is removed")


class Decision(models.TextChoices):
    """What becomes of accounts that are missing from the file."""

    NONE_MISSING = "none_missing", _("No account is missing")
    REMOVE = "remove", _("Missing accounts are removed")
    EXCEEDED = "exceeded", _("More are missing than the Account Delete Threshold allows")
    UNREADABLE = "unreadable", _("A rejected row without an Account ID may be any of them")
    OVERRIDDEN = "overridden", _("Missing accounts are removed, for this import only")
    DISABLED = "disabled", _("Account deletion is disabled")
    MERGE_ONLY = "merge_only", _("Merge only: nothing is removed")


HOLDING = (Decision.EXCEEDED, Decision.UNREADABLE)
REMOVING = (Decision.REMOVE, Decision.OVERRIDDEN)


class Change(models.IntegerChoices):
    """What a plan does with an account; unchanged ones are only counted."""

    NEW = 1, _("New")
    CHANGED = 2, _("Changed")
    MISSING = 3, _("Missing")
