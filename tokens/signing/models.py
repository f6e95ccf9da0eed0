from __future__ import annotations

from django.db import models


class SigningKey(models.Model):
    """A key that signs access tokens. Its private half is sealed, its public half published.

    It signs from `active_from` until a newer one does, and is published until `retired_at`.
    """

    key_id = models.CharField(max_length=43, primary_key=True)
    algorithm = models.CharField(max_length=10)
    public = models.TextField()
    sealed_private = models.BinaryField()
    sealing_key_id = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    active_from = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    audit_type = "signing_key"

    def __str__(self) -> str:
        return self.key_id

    @property
    def audit_label(self) -> str:
        return self.key_id
