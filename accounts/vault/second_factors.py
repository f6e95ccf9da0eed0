from __future__ import annotations

import uuid

from django.db import models

from accounts.vault.models import StoredAccount


class Authenticator(models.Model):
    """The secret by which one-time codes of a stored account are computed, sealed."""

    item = models.OneToOneField(
        StoredAccount, on_delete=models.CASCADE, primary_key=True, related_name="authenticator"
    )
    key_id = models.CharField(max_length=16)
    blob = models.BinaryField()
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=200)
    last_step = models.BigIntegerField(null=True, blank=True)
    """The newest time step of which a code was shown; none of it or before is shown again."""

    class Meta:
        indexes = [models.Index(fields=["key_id", "item"], name="authenticator_by_sealing_key")]

    def __str__(self) -> str:
        return f"authenticator of {self.item_id}"


class BackupCode(models.Model):
    """A code that the application takes once instead of another factor, sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(StoredAccount, on_delete=models.CASCADE, related_name="backup_codes")
    position = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=16)
    blob = models.BinaryField()
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "position"], name="backup_code_position_once"),
            models.CheckConstraint(
                condition=models.Q(used_at=None, used_by="")
                | models.Q(used_at__isnull=False) & ~models.Q(used_by=""),
                name="backup_code_used_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["key_id", "id"], name="backup_code_by_sealing_key")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.position}"
