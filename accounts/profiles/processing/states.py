from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    PLANNING = "planning", _("Making the plan")
    PLANNED = "planned", _("Waiting for confirmation")
    APPLYING = "applying", _("Applying the changes")
    APPLIED = "applied", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


FINISHED = (State.APPLIED, State.FAILED, State.CANCELLED)
BUSY = (State.PLANNING, State.APPLYING)


class Effect(models.IntegerChoices):
    """What a plan does with one identity; unchanged ones are only counted."""

    CREATED = 1, _("Created")
    CHANGED = 2, _("Changed")
    RESTORED = 3, _("Enabled again")
    JOINED = 4, _("Joined to an identity of another profile")
    TAKEN_OVER = 5, _("Taken over from a profile of lower priority")
    DISABLED = 6, _("Disabled")
    REMOVED = 7, _("Removed")
    HANDED_OVER = 8, _("Handed over to another profile")
    SEEN = 9, _("Unchanged, although its account changed")
    FORGOTTEN = 10, _("Already deleted")


SHOWN = (
    Effect.CREATED,
    Effect.CHANGED,
    Effect.RESTORED,
    Effect.JOINED,
    Effect.TAKEN_OVER,
    Effect.DISABLED,
    Effect.REMOVED,
    Effect.HANDED_OVER,
)
"""Effects that people confirm; the others change nothing that they could see."""

DISABLED_BY_STATE = "disabled_by_state"
ENABLED_BY_STATE = "enabled_by_state"
"""Under these names a plan counts whom entering a life-cycle state disables and enables, beside
the effects that bring the state along."""

LOSING = (Effect.DISABLED, Effect.REMOVED)
"""Effects that stop keys and tokens."""


class Problem(models.TextChoices):
    """Why an account does not become, or change, an identity."""

    TRANSFORM = "transform", _("A value cannot be calculated")
    VALUE = "value", _("A value cannot be taken")
    MISSING = "missing", _("There is no user name")
    COLLISION = "collision", _("Non-unique username")
    NAME_COLLISION = "name_collision", _("Non-unique name of a service account")
    PROTECTED = "protected", _("The identity is protected")
    MANAGER = "manager", _("The manager is not found")
    OWN_MANAGER = "own_manager", _("They would manage themselves")
    MANAGER_BY_HAND = "manager_by_hand", _("Their manager is set by hand")


MANAGED = (Problem.MANAGER, Problem.OWN_MANAGER, Problem.MANAGER_BY_HAND)
"""Found when changes are applied: the identity is there, and its manager stays as it is."""
