from __future__ import annotations

from django.db import models


class SealingKey(models.Model):
    """A key of the ring by its public name; the key itself stands in a file alone."""

    key_id = models.CharField(max_length=8, primary_key=True)
    seen_at = models.DateTimeField()
    """When it was made here, or first found on the ring."""
    taken_out_at = models.DateTimeField(null=True, blank=True)

    audit_type = "sealing_key"

    def __str__(self) -> str:
        return self.key_id

    @property
    def audit_label(self) -> str:
        return self.key_id
