from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identities.models import Identity
from accounts.letters.models import Letter
from accounts.service_accounts.models import ServiceAccount
from accounts.takeovers.states import Cause, Right, State

NOTE_MAX_LENGTH = 1000


class TakeoverQuerySet(models.QuerySet["Takeover"]):
    def waiting(self) -> TakeoverQuerySet:
        """Those that somebody has to answer and that still make sense."""
        of_who_left = models.Q(cause=Cause.LEFT, account__owner=models.F("taker"))
        offered = models.Q(cause=Cause.OFFERED, account__owner=models.F("giver"))
        there = self.filter(state=State.WAITING, account__deleted_at=None)
        return there.filter(of_who_left | offered)

    def for_person(self, person: Identity) -> TakeoverQuerySet:
        return self.filter(taker=person)


class Takeover(models.Model):
    """One change of hands of an account, which the new owner confirms.

    Of an owner who left, the new one owns the account at once; of one who offers it, once they
    have accepted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(ServiceAccount, on_delete=models.CASCADE, related_name="takeovers")
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="takeovers_given"
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="takeovers"
    )
    cause = models.CharField(max_length=10, choices=Cause.choices)
    right = models.CharField(max_length=10, choices=Right.choices)
    note = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = TakeoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(state="waiting"),
                name="one_takeover_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(giver=models.F("taker")), name="taker_is_another"
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", closed_at=None)
                | ~models.Q(state="waiting") & models.Q(closed_at__isnull=False),
                name="takeover_is_closed_once_answered",
            ),
        ]
        indexes = [models.Index(fields=["taker", "state"], name="takeovers_of_person")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.giver_id} to {self.taker_id}"


class Message(models.TextChoices):
    """What a mail about takeovers says."""

    WAITING = "waiting", _("Accounts wait to be taken over")
    ANSWERED = "answered", _("What became of an account that was handed over")


class TakeoverLetter(Letter):
    """A mail about takeovers.

    One tells of everything that waits by then: thousands of accounts of one owner are one mail.
    """

    message = models.CharField(max_length=10, choices=Message.choices)
    takeover = models.ForeignKey(
        Takeover, null=True, on_delete=models.CASCADE, related_name="letters"
    )
    """Which one was answered."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient"],
                condition=models.Q(message="waiting", tries=0, next_try_at__isnull=False),
                name="one_letter_of_what_waits",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="takeover_letter_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message} to {self.recipient_id}"
