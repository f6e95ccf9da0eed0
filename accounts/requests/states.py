from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a request is."""

    WAITING = "waiting", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    DONE = "done", _("Carried out")
    FAILED = "failed", _("Not carried out")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")


MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.WAITING: frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN, State.LAPSED}),
    State.APPROVED: frozenset({State.DONE, State.FAILED}),
    State.FAILED: frozenset({State.APPROVED}),
    State.DONE: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.LAPSED: frozenset(),
}
"""What may follow on what. What failed is tried again, and approved then still."""

OPEN: Final = frozenset({State.WAITING, State.APPROVED})


class ApprovalState(models.TextChoices):
    """What became of one approver's part; ServiceNow's words."""

    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    NOT_REQUIRED = "not_required", _("No longer required")
    CANCELLED = "cancelled", _("Cancelled")


class Rule(models.TextChoices):
    """Whose yes is needed, where several are asked. One no is always enough."""

    ANYONE = "anyone", _("Anyone of them approves")
    ALL = "all", _("All of them approve")


class Verdict(models.TextChoices):
    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")
