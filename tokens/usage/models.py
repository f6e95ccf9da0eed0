from __future__ import annotations

from django.conf import settings
from django.db import models


class Use(models.TextChoices):
    TOKEN = "token", "Token issued"
    CALL = "call", "API call"
    TRIED = "tried", "API call that was let in and came to nothing"


class DailyUse(models.Model):
    """What one client at one address did with one credential on one day (UTC).

    `key` is the SHA-256 of everything that tells the row from others, so that one upsert counts.
    """

    key = models.BinaryField(max_length=32, unique=True)
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="daily_uses"
    )
    day = models.DateField()
    use = models.CharField(max_length=5, choices=Use.choices)
    credential_id = models.UUIDField(null=True)
    scopes = models.TextField(blank=True)
    address = models.CharField(max_length=45, blank=True)
    client = models.CharField(max_length=300, blank=True)
    count = models.PositiveBigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["identity", "-day"], name="daily_use_by_identity"),
            models.Index(fields=["day"], name="daily_use_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.day} {self.use} {self.count}"


class AccountUse(models.Model):
    """When an identity last used any of its credentials, for lists."""

    identity = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="account_use",
    )
    last_used_at = models.DateTimeField()
    last_address = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-last_used_at", "identity"], name="account_use_latest")]

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.last_used_at}"
