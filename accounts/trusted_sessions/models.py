from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PENDING_FOR: Final = timedelta(days=1)
"""How long a browser that asks can be approved."""
NAME_MAX_LENGTH: Final = 160


class State(models.TextChoices):
    """Removed and denied ones are never trusted again; they are kept to be read."""

    PENDING = "pending", _("Pending approval")
    TRUSTED = "trusted", _("Trusted")
    DENIED = "denied", _("Denied")
    REMOVED = "removed", _("Removed")


class How(models.TextChoices):
    """What made a session a trusted one."""

    MAIL = "mail", _("By a code that was mailed")
    SESSION = "session", _("By another trusted session")
    RECOVERY = "recovery", _("By the recovery key")


class TrustedSessionQuerySet(models.QuerySet["TrustedSession"]):
    def trusted(self) -> TrustedSessionQuerySet:
        """Those that work: their person can sign in."""
        return self.filter(
            state=State.TRUSTED, identity__disabled_at=None, identity__deleted_at=None
        )

    def waiting(self, now: datetime) -> TrustedSessionQuerySet:
        return self.filter(state=State.PENDING, asked_at__gt=now - PENDING_FOR)

    def open(self) -> TrustedSessionQuerySet:
        return self.filter(state__in=(State.PENDING, State.TRUSTED))


class TrustedSession(models.Model):
    """One browser of one person. Of its two keys the public halves stand here; the private ones
    were made in that browser, cannot be exported from it, and are nowhere else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trusted_sessions"
    )
    name = models.CharField(max_length=NAME_MAX_LENGTH, unique=True)
    """`[user name][device] - [system]/[browser]`, as Cerby has it."""
    agreement_key = models.CharField(max_length=90)
    """ECDH on P-256, the uncompressed point in base64url: vault keys are wrapped for it."""
    signing_key = models.CharField(max_length=90)
    """ECDSA on P-256, likewise: by it the browser shows that it is this session."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    how = models.CharField(max_length=10, choices=How.choices, blank=True)
    asked_at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=200, blank=True)
    seen_at = models.DateTimeField(null=True)
    """When it last showed that it is this session."""
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_failures = models.PositiveSmallIntegerField(default=0)

    objects = TrustedSessionQuerySet.as_manager()

    audit_type = "trusted_session"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement_key"], name="agreement_key_of_one_session"),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at=None)
                | Q(state="removed")
                | Q(state__in=["trusted", "denied"], decided_at__isnull=False),
                name="trusted_session_decided_on",
            ),
            models.CheckConstraint(
                condition=Q(state="removed", removed_at__isnull=False)
                | ~Q(state="removed") & Q(removed_at=None),
                name="trusted_session_removed_once",
            ),
        ]
        indexes = [models.Index(fields=["identity", "state"], name="trusted_sessions_of")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def is_waiting(self) -> bool:
        return self.state == State.PENDING and self.asked_at > timezone.now() - PENDING_FOR


class RecoveryKey(models.Model):
    """A key on paper: it makes a browser a trusted session where no other is at hand.

    Its private half stands here encrypted under what is on the paper, which has 184 random bits.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_key"
    )
    agreement_key = models.CharField(max_length=90)
    wrapped_key = models.CharField(max_length=400)
    verifier = models.CharField(max_length=64)
    """SHA-256 of a value that is derived from the paper for this alone."""
    made_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery key of {self.identity_id}"
