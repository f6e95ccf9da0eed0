from __future__ import annotations

from django.db import models

from accounts.identities.models import Identity


class FactorTries(models.Model):
    """Wrong codes of one identity in a row, whatever the sessions in which they were typed."""

    identity = models.OneToOneField(
        Identity, primary_key=True, on_delete=models.CASCADE, related_name="factor_tries"
    )
    failed = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.failed} wrong codes"
