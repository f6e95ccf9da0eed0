from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models


class TokenPickupQuerySet(models.QuerySet["TokenPickup"]):
    def unfinished(self) -> TokenPickupQuerySet:
        """Neither claimed nor withdrawn; they may have lapsed."""
        return self.filter(claimed_at=None, cancelled_at=None)

    def open_at(self, now: datetime) -> TokenPickupQuerySet:
        """Those that the owner can still claim, if they are the owner still."""
        return self.unfinished().filter(expires_at__gt=now)


class TokenPickup(models.Model):
    """The owner's right to have a personal access token made for an account, once; nothing of it
    exists before."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="token_pickups"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    carried = models.JSONField(null=True)
    """The console permissions of the account when it was offered."""
    lifetime = models.DurationField()
    """Of the token, counted from the moment at which it is made."""
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = TokenPickupQuerySet.as_manager()

    audit_type = "token_pickup"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(claimed_at=None) | models.Q(cancelled_at=None),
                name="token_pickup_ends_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "expires_at"],
                condition=models.Q(claimed_at=None, cancelled_at=None),
                name="token_pickup_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.identity_id} by {self.owner_id}"

    @property
    def audit_label(self) -> str:
        return self.name
