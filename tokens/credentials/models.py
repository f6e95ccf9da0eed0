from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tokens.credentials.types import credential_kinds


class KeyOrigin(models.TextChoices):
    """Who made the key pair, and so who has ever held its private half."""

    STEWARD = "steward", _("Made by Steward")
    BROWSER = "browser", _("Made in the browser")
    UPLOADED = "uploaded", _("Public key uploaded")
    OWNER = "owner", _("Downloaded by the owner")
    COMMAND = "command", _("Made by a command")


class CredentialStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    RETIRING = "retiring", _("Being replaced")
    RETIRED = "retired", _("Replaced")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class CredentialQuerySet(models.QuerySet["Credential"]):
    def usable_at(self, now: datetime) -> CredentialQuerySet:
        """Those that prove something at `now`, whatever the state of their identity."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now),
            models.Q(retires_at=None) | models.Q(retires_at__gt=now),
            revoked_at=None,
        )


class Credential(models.Model):
    """Proof that belongs to an identity; of a key pair only the public half is kept.

    Of a personal access token only the hash of its secret is kept. It has a name, scopes of its
    own, and says how many seconds its access tokens live. `made_by_id` is the identity that was
    shown the secret, also of a key; None where the command line made it, or it is an old key.

    `generation` is how often the access tokens that were issued for it were revoked, which is
    added to that of its identity: each token carries the sum, and neither ever shrinks.
    `retires_at` is when a replaced key stops proving anything, while tokens issued with it run
    out by themselves; `revoked_at` ends those tokens too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="credentials"
    )
    kind = models.CharField(max_length=40, choices=credential_kinds)
    key_id = models.CharField(max_length=128, blank=True)
    algorithm = models.CharField(max_length=20, blank=True)
    public = models.TextField(blank=True)
    thumbprint = models.CharField(max_length=43, blank=True)
    name = models.CharField(max_length=100, blank=True)
    name_key = models.CharField(max_length=400, blank=True, editable=False)
    scopes = models.JSONField(default=list, blank=True)
    secret_hash = models.BinaryField(max_length=32, null=True, editable=False)
    access_token_seconds = models.PositiveIntegerField(null=True)
    origin = models.CharField(max_length=10, choices=KeyOrigin.choices)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    made_by_id = models.UUIDField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    retires_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    tokens_revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=200, blank=True)
    stored_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = CredentialQuerySet.as_manager()

    audit_type = "credential"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "key_id"],
                condition=models.Q(kind="key_pair"),
                name="one_key_per_kid",
            ),
            # also of revoked keys: what was given up once proves nothing ever again
            models.UniqueConstraint(
                fields=["thumbprint"],
                condition=models.Q(kind="key_pair"),
                name="one_account_per_key",
            ),
            # a name is free again once its token is revoked
            models.UniqueConstraint(
                fields=["identity", "name_key"],
                condition=models.Q(kind="personal_access_token", revoked_at=None),
                name="one_token_per_name",
            ),
            models.UniqueConstraint(
                fields=["identity"],
                condition=models.Q(kind="api_explorer", revoked_at=None),
                name="one_explorer_each",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="personal_access_token")
                | models.Q(secret_hash__isnull=False, access_token_seconds__isnull=False)
                & ~models.Q(name=""),
                name="token_has_secret_and_name",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="provisioning_token")
                | models.Q(secret_hash__isnull=False) & ~models.Q(name=""),
                name="provisioning_token_has_secret",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by="")
                | models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by=""),
                name="revoked_by_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="credential_by_expiry"),
            models.Index(
                fields=["retires_at"],
                condition=models.Q(retires_at__isnull=False),
                name="credential_by_retirement",
            ),
            # the operators are PostgreSQL's for looking up how a text begins
            models.Index(
                fields=["key_id"], opclasses=["varchar_pattern_ops"], name="credential_by_key_id"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.key_id or str(self.pk)

    @property
    def audit_label(self) -> str:
        return str(self)

    @property
    def client_id(self) -> str:
        """What a personal access token is presented with: its id, without dashes."""
        return self.pk.hex

    def status_at(self, now: datetime) -> CredentialStatus:
        if self.revoked_at is not None:
            return CredentialStatus.REVOKED
        if self.retires_at is not None and self.retires_at <= now:
            return CredentialStatus.RETIRED
        if self.expires_at is not None and self.expires_at <= now:
            return CredentialStatus.EXPIRED
        if self.retires_at is not None:
            return CredentialStatus.RETIRING
        return CredentialStatus.ACTIVE

    @property
    def ends_at(self) -> datetime | None:
        """When it stops by itself: the sooner of expiry and replacement."""
        times = [t for t in (self.expires_at, self.retires_at) if t is not None]
        return min(times, default=None)

    @property
    def origin_label(self) -> str | Promise:
        return KeyOrigin(self.origin).label


class Submission(models.Model):
    """A form that issued something. Its id is made with the form, so that it issues once."""

    id = models.UUIDField(primary_key=True)
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class KeyPickupQuerySet(models.QuerySet["KeyPickup"]):
    def unfinished(self) -> KeyPickupQuerySet:
        """Neither claimed nor withdrawn; they may have lapsed."""
        return self.filter(claimed_at=None, cancelled_at=None)

    def open_at(self, now: datetime) -> KeyPickupQuerySet:
        """Those that the owner can still claim, if they are the owner still."""
        return self.unfinished().filter(expires_at__gt=now)


class KeyPickup(models.Model):
    """The owner's right to have a key made for them, once; nobody else ever sees that key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="key_pickups"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    algorithm = models.CharField(max_length=20)
    key_lifetime = models.DurationField(null=True)
    keep_old_for = models.DurationField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    carried = models.JSONField(null=True)
    """The console permissions of the account then; see `policies.check_not_risen`."""
    scopes = models.JSONField(null=True)
    """The scopes that its keys could ask for then."""
    claimed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = KeyPickupQuerySet.as_manager()

    audit_type = "key_pickup"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                condition=models.Q(claimed_at=None, cancelled_at=None),
                name="one_pickup_per_account",
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_at=None) | models.Q(cancelled_at=None),
                name="pickup_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} by {self.owner_id}"

    @property
    def audit_label(self) -> str:
        return str(self.identity_id)
