from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Group

EXTERNAL_ID_MAX_LENGTH = 256
"""Characters."""


class ExternalId(models.Model):
    """What a provisioning client calls somebody or a group; each client by a name of its own."""

    client = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_ids_given"
    )
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="external_ids"
    )
    group = models.ForeignKey(
        Group, null=True, on_delete=models.CASCADE, related_name="external_ids"
    )
    value = models.CharField(max_length=EXTERNAL_ID_MAX_LENGTH)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(identity=None) ^ Q(group=None), name="external_id_names_one"
            ),
            models.UniqueConstraint(
                fields=["client", "identity"], name="one_external_id_of_identity"
            ),
            models.UniqueConstraint(fields=["client", "group"], name="one_external_id_of_group"),
            models.UniqueConstraint(
                fields=["client", "value"],
                condition=Q(identity__isnull=False),
                name="external_id_of_one_identity",
            ),
            models.UniqueConstraint(
                fields=["client", "value"],
                condition=Q(group__isnull=False),
                name="external_id_of_one_group",
            ),
        ]

    def __str__(self) -> str:
        return self.value
