from __future__ import annotations

from django.db import models


class AuditKey(models.Model):
    """The secret under which checkpoints are made; sealed, so the database alone makes none."""

    key_id = models.CharField(max_length=8)
    blob = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class AuditCheckpoint(models.Model):
    """What a batch of events was when it was sealed, and which checkpoint came before.

    `ranges` are the ids of its events, first and last of each row of neighbours. `marks` holds 16
    bytes of the SHA-256 of each event in their order, so that a verification names the one that
    changed. `digest` covers all of that and the digest of the checkpoint before; `mac` is its
    HMAC-SHA-256 under the key `made_with_id`.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    made_at = models.DateTimeField()
    last_id = models.PositiveBigIntegerField()
    """Everything up to this one was looked at."""
    many = models.PositiveIntegerField()
    ranges = models.JSONField()
    marks = models.BinaryField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)
    made_with = models.ForeignKey(AuditKey, on_delete=models.PROTECT, related_name="+")

    audit_type = "audit_checkpoint"

    def __str__(self) -> str:
        return str(self.number)

    @property
    def audit_label(self) -> str:
        return str(self.number)


class AuditGap(models.Model):
    """Ids that no event had when a checkpoint passed them.

    A transaction that was under way may still bring them; what was undone leaves them for ever.
    """

    first_id = models.PositiveBigIntegerField()
    last_id = models.PositiveBigIntegerField()
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.first_id} to {self.last_id}"
