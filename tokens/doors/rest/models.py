from __future__ import annotations

from django.conf import settings
from django.db import models


class IdempotentCall(models.Model):
    """A POST that named itself, so that sent again it is answered again and done once.

    `digest` is of what was sent; `body` is what was answered, and empty where that held a secret.
    """

    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    gave_secret = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "key"], name="call_named_once"),
            models.CheckConstraint(
                condition=models.Q(gave_secret=False) | models.Q(body=""),
                name="no_secret_is_kept_for_a_call",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotent_call_by_age")]

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.key}"
