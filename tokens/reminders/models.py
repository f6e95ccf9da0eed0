from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models

from tokens.credentials.models import Credential


class Ending(models.Model):
    """When something ends: a key, or, without a credential, the account itself.

    The moment belongs to it: an end that is moved is another one, of which people are told anew.
    """

    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    credential = models.ForeignKey(
        Credential, null=True, on_delete=models.CASCADE, related_name="+"
    )
    ends_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        abstract = True


class Reminder(Ending):
    """That people are told of an end so many days before it: once for each step."""

    step_days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credential", "ends_at", "step_days"],
                condition=models.Q(credential__isnull=False),
                name="one_reminder_a_key_and_step",
            ),
            models.UniqueConstraint(
                fields=["identity", "ends_at", "step_days"],
                condition=models.Q(credential=None),
                name="one_reminder_an_account_and_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.ends_at:%Y-%m-%d}: {self.step_days}"


class NotedEnd(Ending):
    """That an end which came by itself stands in the audit log."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credential"],
                condition=models.Q(credential__isnull=False),
                name="one_noted_end_a_key",
            ),
            models.UniqueConstraint(
                fields=["identity", "ends_at"],
                condition=models.Q(credential=None),
                name="one_noted_end_an_account_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.ends_at:%Y-%m-%d}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def due_at(self, now: datetime) -> LetterQuerySet:
        return self.filter(next_try_at__lte=now)

    def given_up(self) -> LetterQuerySet:
        """Those that were tried to the end and never sent."""
        return self.filter(sent_at=None, next_try_at=None).exclude(failure="")


class Letter(models.Model):
    """One mail: all reminders of one run for one address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.EmailField(max_length=254)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    """Empty for the contact of an account, who need not be anybody here."""
    reminders = models.ManyToManyField(Reminder, related_name="letters")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    """When to send it, or to try again; empty once it is sent, needless or given up."""
    failure = models.CharField(max_length=200, blank=True)
    """Why the last try did not succeed."""

    objects = LetterQuerySet.as_manager()

    audit_type = "letter"

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="letter_to_be_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def audit_label(self) -> str:
        return self.recipient.user_name if self.recipient else self.address
