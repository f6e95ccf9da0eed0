from __future__ import annotations

from django.conf import settings
from django.db import models


class TokenGeneration(models.Model):
    """How often all issued tokens of an identity were revoked; a token carries the number.

    Tokens of one credential are revoked by a count of its own; a token carries the sum.
    A counter rather than a time: exact for tokens of the same second, and indifferent to clocks.
    """

    identity = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="token_generation",
    )
    number = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.number}"


class RevokedToken(models.Model):
    """An access token that was revoked by itself, kept until it would have run out anyway.

    The text of the token is kept nowhere: `token_id` is its `jti`.
    """

    token_id = models.CharField(max_length=64, primary_key=True)
    identity_id = models.UUIDField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="revoked_token_by_expiry"),
            models.Index(fields=["identity_id"], name="revoked_token_by_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} until {self.expires_at}"


class UsedAssertion(models.Model):
    """An assertion that got its token, kept until it could no longer be accepted anyway.

    RFC 7523 section 3, point 7. `jti_hash` is the SHA-256 of the `jti`.
    """

    identity_id = models.UUIDField()
    jti_hash = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity_id", "jti_hash"], name="assertion_used_once"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="used_assertion_by_expiry")]

    def __str__(self) -> str:
        return f"{self.identity_id} until {self.expires_at}"
