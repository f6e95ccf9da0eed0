from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.letters.models import Letter
from accounts.requests.kinds.base import kind_choices, kinds
from accounts.requests.states import OPEN, ApprovalState, Rule, State

REASON_MAX_LENGTH = 1000


class RequestNumber(models.Model):
    """Gives out the numbers of requests, each once."""

    def __str__(self) -> str:
        return f"REQ{self.pk:07d}"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def current(self, now: datetime) -> DelegationQuerySet:
        return self.filter(since__lte=now, until__gt=now)


class Delegation(models.Model):
    """That somebody else decides for a person while they are away."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegation"
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegated_to_them"
    )
    since = models.DateTimeField()
    until = models.DateTimeField()

    objects = DelegationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(person=models.F("delegate")), name="delegate_is_another"
            ),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")), name="delegation_takes_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.delegate_id}"


class RequestQuerySet(models.QuerySet["AccessRequest"]):
    def visible_to(self, person: Identity, now: datetime) -> RequestQuerySet:
        """All by permission; else one's own, those for an account of one's own, and those that
        one decides about or has decided about."""
        if may(person, Permission.REQUEST_VIEW_ALL):
            return self
        away = Delegation.objects.current(now).filter(delegate=person).values("person_id")
        decides = Approval.objects.filter(
            models.Q(approver=person) | models.Q(approver__in=away) | models.Q(decided_by=person)
        )
        return self.filter(
            models.Q(requester=person)
            | models.Q(requested_for=person)
            | models.Q(requested_for__service_account__owner=person)
            | models.Q(pk__in=decides.values("request_id"))
        )

    def open(self) -> RequestQuerySet:
        return self.filter(state__in=sorted(state.value for state in OPEN))


class AccessRequest(models.Model):
    """What somebody asks for. `details` are what its kind needs; only ids and plain words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=40, choices=kind_choices)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requests"
    )
    requested_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="requested_for_them",
    )
    details = models.JSONField(default=dict)
    details_key = models.CharField(max_length=64)
    """SHA-256 of the details: the same is not asked for twice at a time."""
    reason = models.CharField(max_length=REASON_MAX_LENGTH)
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    rule = models.CharField(max_length=10, choices=Rule.choices)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    failure = models.CharField(max_length=500, blank=True)

    objects = RequestQuerySet.as_manager()

    audit_type = "request"

    class Meta:
        indexes = [
            models.Index(fields=["requester", "-asked_at", "id"], name="requests_of_person"),
            models.Index(fields=["state", "due_at"], name="request_by_due"),
            models.Index(fields=["-asked_at", "id"], name="request_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["requester", "kind", "details_key"],
                condition=models.Q(state__in=sorted(state.value for state in OPEN)),
                name="the_same_is_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def audit_label(self) -> str:
        return self.number

    @property
    def label(self) -> str | Promise:
        """What is asked for, in a few words."""
        return kinds.get(self.kind).label

    @property
    def facts(self) -> dict[str, Any]:
        """For events: whose request, and by which number one finds it."""
        return {"request": self.number, "request_id": str(self.pk)}


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def waiting(self) -> ApprovalQuerySet:
        return self.filter(state=ApprovalState.REQUESTED.value, request__state=State.WAITING.value)

    def for_person(self, person: Identity, now: datetime) -> ApprovalQuerySet:
        """Those that a person decides: asked of them, of whom they stand in for, or, where they
        may, of administrators. Never of a request of their own."""
        away = Delegation.objects.current(now).filter(delegate=person).values("person_id")
        theirs = models.Q(approver=person) | models.Q(approver__in=away)
        if may(person, Permission.REQUEST_DECIDE):
            theirs |= models.Q(approver=None)
        of_whom_stand_in = Delegation.objects.current(now).filter(delegate=person)
        return (
            self.filter(theirs)
            .exclude(request__requester=person)
            .exclude(request__requester__in=of_whom_stand_in.values("person_id"))
        )


class Approval(models.Model):
    """The part of one approver; without one, any administrator's."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="approvals")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="approvals"
    )
    state = models.CharField(
        max_length=20, choices=ApprovalState.choices, default=ApprovalState.REQUESTED
    )
    comment = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    """Stands for what was read when it was decided; see `queries.seen`. Kept where it is asked
    again."""
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "approver"], name="one_approval_each"),
            models.UniqueConstraint(
                fields=["request"],
                condition=models.Q(approver=None),
                name="one_approval_of_administrators",
            ),
        ]
        indexes = [models.Index(fields=["approver", "state"], name="approvals_of_person")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.approver_id or 'administrators'}"

    @property
    def is_asked_again(self) -> bool:
        """Whether it was approved before what is asked for had changed."""
        return self.state == ApprovalState.REQUESTED and bool(self.digest)


class Message(models.TextChoices):
    """What a mail about a request says."""

    WAITING = "waiting", _("A request waits for a decision")
    REMINDER = "reminder", _("A request still waits for a decision")
    ENDED = "ended", _("What became of a request")
    DELEGATED = "delegated", _("Somebody decides in another's place")


class RequestLetter(Letter):
    """A mail about a request, or to whoever is to decide about them in another's place."""

    request = models.ForeignKey(
        AccessRequest, null=True, on_delete=models.CASCADE, related_name="letters"
    )
    delegation = models.ForeignKey(
        Delegation, null=True, on_delete=models.CASCADE, related_name="letters"
    )
    message = models.CharField(max_length=10, choices=Message.choices)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="request_letter_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    message=Message.DELEGATED, request=None, delegation__isnull=False
                )
                | models.Q(~models.Q(message=Message.DELEGATED), request__isnull=False)
                & models.Q(delegation=None),
                name="request_letter_tells_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id or self.delegation_id}: {self.message} to {self.recipient_id}"
