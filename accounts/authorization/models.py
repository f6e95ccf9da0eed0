from django.conf import settings
from django.db import models

from accounts.authorization.levels import OWNER, level_choices


class LevelAssignment(models.Model):
    """That an identity holds a user level."""

    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="level_assignments"
    )
    level = models.CharField(max_length=40, choices=level_choices)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "level"], name="one_row_per_level"),
            models.UniqueConstraint(
                fields=["level"], condition=models.Q(level=OWNER), name="one_owner"
            ),
        ]
        indexes = [models.Index(fields=["level", "identity"], name="holders_of_level")]

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.level}"
