from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

REASON_MAX_LENGTH = 500


class AllAccess(models.Model):
    """One period of All-Access Mode, of one person in one session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="all_access_periods"
    )
    session = models.UUIDField()
    """The session in which it was started, by its public ID: it holds in no other."""
    reason = models.CharField(max_length=REASON_MAX_LENGTH)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    """Without effect from then on, whether or not it was ended."""
    ended_at = models.DateTimeField(null=True, blank=True)

    audit_type = "all_access"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_at=None), name="one_all_access_each"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("began_at")), name="all_access_ends_later"
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], condition=models.Q(ended_at=None), name="all_access_to_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} until {self.ends_at:%Y-%m-%d %H:%M}"
