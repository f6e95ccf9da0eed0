from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.sources.connectors import connectors
from accounts.sources.connectors.base import Connector, Type, connector_choices
from accounts.sources.shape import LONGEST_ID


def type_choices() -> list[tuple[str, str]]:
    return [(kind.value, kind.value.lower()) for kind in Type]


class Status(models.TextChoices):
    """How a source is; derived, never stored."""

    NO_ACCOUNTS = "no_accounts", _("Source config is incomplete. Please add accounts.")
    HEALTHY = "healthy", _("Healthy")
    FAILING = "failing", _("Error")


class SourceQuerySet(models.QuerySet["Source"]):
    def existing(self) -> SourceQuerySet:
        """All but the tombstones of deleted sources."""
        return self.filter(deleted_at=None)

    def visible_to(self, person: Identity) -> SourceQuerySet:
        """All of them by permission, with the lesser one those that the person owns."""
        if may(person, Permission.SOURCE_VIEW_ALL):
            return self.existing()
        return self.owned_by(person) if may(person, Permission.SOURCE_VIEW) else self.none()

    def looked_up_by(self, person: Identity) -> SourceQuerySet:
        """What a program lists for somebody: all of them with the permission for just that."""
        if may(person, Permission.SOURCE_LOOK_UP):
            return self.existing()
        return self.visible_to(person)

    def owned_by(self, person: Identity) -> SourceQuerySet:
        return self.existing().filter(owner=person)


class Source(models.Model):
    """Where accounts come from, and what its connector needs to know.

    `generation` counts the changes of its accounts and of what they are read by: a plan made
    for an older one is not applied. A deleted source stays as a tombstone, for its history.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    description = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="owned_sources",
    )
    connector = models.CharField(max_length=40, choices=connector_choices)
    config = models.JSONField(default=dict)
    delete_threshold_percent = models.PositiveSmallIntegerField(default=10)
    deletion_disabled = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    generation = models.PositiveBigIntegerField(default=1)
    account_count = models.PositiveBigIntegerField(default=0)
    healthy_since = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=200, blank=True)

    objects = SourceQuerySet.as_manager()

    audit_type = "source"

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="source_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(delete_threshold_percent__gte=1)
                & models.Q(delete_threshold_percent__lte=100),
                name="threshold_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=models.Q(healthy_since=None) | models.Q(failing_since=None),
                name="healthy_or_failing",
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None, deleted_by="")
                | models.Q(deleted_at__isnull=False) & ~models.Q(deleted_by=""),
                name="source_deleted_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def kind(self) -> Connector:
        return connectors.get(self.connector)

    @property
    def status(self) -> Status:
        if self.failing_since is not None:
            return Status.FAILING
        return Status.HEALTHY if self.account_count else Status.NO_ACCOUNTS

    @property
    def status_since(self) -> datetime | None:
        return self.failing_since or (self.healthy_since if self.account_count else None)


class SchemaAttribute(models.Model):
    """One column of the accounts of a source."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=300, editable=False)
    description = models.CharField(max_length=500, blank=True)
    type = models.CharField(max_length=10, choices=type_choices, default=Type.STRING)
    is_entitlement = models.BooleanField(default=False)
    is_multi_valued = models.BooleanField(default=False)
    is_account_id = models.BooleanField(default=False)
    is_account_name = models.BooleanField(default=False)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "name_key"], name="attribute_name_once"),
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(is_account_id=True),
                name="one_account_id_a_source",
            ),
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(is_account_name=True),
                name="one_account_name_a_source",
            ),
            models.CheckConstraint(
                condition=models.Q(is_account_id=False, is_account_name=False)
                | models.Q(type=Type.STRING.value, is_multi_valued=False),
                name="id_and_name_are_single_strings",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SourceSecret(models.Model):
    """A secret that a connector declares, sealed. It is opened for the connector only."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=60)
    key_id = models.CharField(max_length=16)
    blob = models.BinaryField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "name"], name="source_secret_once")
        ]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """What accounts of a source have in common, whether they are there or were removed.

    The database checks no foreign key here: it would do so row by row, which takes longer than
    the whole import. Whoever writes accounts holds the lock on the row of their source.
    """

    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    native_identity = models.CharField(max_length=LONGEST_ID)
    name = models.CharField(max_length=LONGEST_ID)
    name_key = models.CharField(max_length=LONGEST_ID, editable=False)
    attributes = models.JSONField(default=dict)
    digest = models.UUIDField(editable=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    audit_type = "source_account"

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.native_identity})"

    @property
    def audit_label(self) -> str:
        return str(self)


class SourceAccount(Account):
    """An account as its source has it; `native_identity` is its Account ID."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "native_identity"], name="account_id_once")
        ]
        indexes = [models.Index(fields=["source", "name_key", "id"], name="source_account_by_name")]


class RemovedAccount(Account):
    """An account that was removed, kept for a while so that it can be brought back."""

    removed_at = models.DateTimeField()
    removed_by = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(fields=["source", "-removed_at", "id"], name="removed_account_newest"),
            models.Index(fields=["removed_at"], name="removed_account_oldest"),
        ]
