from __future__ import annotations

from django.conf import settings
from django.db import models


class Letter(models.Model):
    """A mail to one person; the words are made when it is sent."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    written_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    """When to send it, or to try again; empty once it is sent or given up."""
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True
