from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from accounts.trusted_sessions.models import RecoveryKey, TrustedSession
from accounts.vault.models import MemberRole, SecretName, StoredAccount, Vault


class LocalMember(models.Model):
    """Who may have the key of a local vault. They have it once somebody wrapped it for them."""

    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="local_members")
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="local_vaults"
    )
    role = models.CharField(max_length=10, choices=MemberRole.choices)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "identity"], name="local_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.vault_id}: {self.identity_id} {self.role}"


class WrappedKey(models.Model):
    """A key of a local vault, encrypted for one recipient in a browser."""

    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="wrapped_keys")
    version = models.PositiveIntegerField()
    session = models.ForeignKey(
        TrustedSession, null=True, on_delete=models.CASCADE, related_name="wrapped_keys"
    )
    recovery = models.ForeignKey(
        RecoveryKey, null=True, on_delete=models.CASCADE, related_name="wrapped_keys"
    )
    envelope = models.CharField(max_length=250)
    endorsement = models.CharField(max_length=43)
    """HMAC under the vault key over whose public key this is: later versions are wrapped for it."""
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(session=None, recovery__isnull=False)
                | models.Q(session__isnull=False, recovery=None),
                name="key_wrapped_for_one",
            ),
            models.UniqueConstraint(
                fields=["vault", "version", "session"], name="key_wrapped_once_for_session"
            ),
            models.UniqueConstraint(
                fields=["vault", "version", "recovery"], name="key_wrapped_once_for_recovery"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vault_id} {self.version} for {self.session_id or self.recovery_id}"


class KeyLink(models.Model):
    """The key of a version before, encrypted under that of this version: whoever has the newest
    opens what is old."""

    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="key_links")
    version = models.PositiveIntegerField()
    envelope = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "version"], name="key_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.vault_id}: {self.version} opens the one before"


class LocalSecret(models.Model):
    """Something secret of an account in a local vault, as a browser encrypted it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(StoredAccount, on_delete=models.CASCADE, related_name="local_secrets")
    name = models.CharField(max_length=20, choices=SecretName.choices)
    serial = models.PositiveIntegerField()
    """1, 2, 3, ... of this name of this account; it is part of what the ciphertext holds for."""
    key_version = models.PositiveIntegerField()
    envelope = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=200)
    replaced_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    """When a backup code was shown, which strikes it out."""
    used_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "name", "serial"], name="local_secret_serial"),
            models.UniqueConstraint(
                fields=["item", "name"],
                condition=models.Q(replaced_at=None) & ~models.Q(name="backup_code"),
                name="one_local_secret_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None, used_by="")
                | models.Q(used_at__isnull=False, name="backup_code") & ~models.Q(used_by=""),
                name="local_backup_code_used_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.name} {self.serial}"
