from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity, IdentityKind
from accounts.sources.models import Source
from accounts.sources.shape import LONGEST_ID

NAME_WIDTH = 100
ATTRIBUTE_WIDTH = 60
"""Characters of the technical name of an identity attribute."""


class ProfileKind(models.TextChoices):
    """What the accounts of a source become."""

    PERSON = IdentityKind.PERSON.value, _("People")
    SERVICE = IdentityKind.SERVICE.value, _("Service accounts")


class InvitePolicy(models.TextChoices):
    BY_HAND = "by_hand", _("By hand")
    ON_CREATION = "on_creation", _("When the identity is created")
    ON_STATE = "on_state", _("When the identity enters a life-cycle state")


class VanishedPolicy(models.TextChoices):
    """What becomes of an identity whose account is no longer in its source."""

    DISABLE = "disable", _("Disable it")
    REMOVE = "remove", _("Remove it")


class IdentityProfileQuerySet(models.QuerySet["IdentityProfile"]):
    def existing(self) -> IdentityProfileQuerySet:
        """All but the tombstones of deleted profiles."""
        return self.filter(deleted_at=None)

    def visible_to(self, person: Identity) -> IdentityProfileQuerySet:
        return self.existing() if may(person, Permission.PROFILE_VIEW) else self.none()


class IdentityProfile(models.Model):
    """How the accounts of a source become identities; it makes the source authoritative.

    `version` counts what values are calculated by: mappings and their transforms.
    `applied_version` and `applied_generation` (of the source) are those that the identities stand
    at; where they lag behind, changes are to be applied. `problems` names the plan whose problems
    count. A deleted profile stays as a tombstone, for its history.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=NAME_WIDTH)
    name_key = models.CharField(max_length=400, editable=False)
    description = models.CharField(max_length=1000, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="profiles")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="owned_profiles",
    )
    priority = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ProfileKind.choices)
    invite_policy = models.CharField(
        max_length=12, choices=InvitePolicy.choices, default=InvitePolicy.BY_HAND
    )
    invite_state = models.CharField(max_length=100, blank=True)
    vanished_policy = models.CharField(
        max_length=8, choices=VanishedPolicy.choices, default=VanishedPolicy.DISABLE
    )
    revision = models.PositiveIntegerField(default=1)
    version = models.PositiveBigIntegerField(default=1)
    version_at = models.DateTimeField()
    applied_version = models.PositiveBigIntegerField(default=0)
    applied_generation = models.PositiveBigIntegerField(default=0)
    applied_at = models.DateTimeField(null=True)
    problems = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=200, blank=True)

    objects = IdentityProfileQuerySet.as_manager()

    audit_type = "identity_profile"

    class Meta:
        indexes = [models.Index(fields=["priority", "name", "id"], name="profile_by_priority")]
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="profile_name_once"),
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(deleted_at=None),
                name="one_profile_a_source",
            ),
            models.CheckConstraint(
                condition=models.Q(invite_policy=InvitePolicy.ON_STATE) & ~models.Q(invite_state="")
                | ~models.Q(invite_policy=InvitePolicy.ON_STATE) & models.Q(invite_state=""),
                name="invite_state_where_it_counts",
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None, deleted_by="")
                | models.Q(deleted_at__isnull=False) & ~models.Q(deleted_by=""),
                name="profile_deleted_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def is_for_service_accounts(self) -> bool:
        return self.kind == ProfileKind.SERVICE

    @property
    def refresh_required(self) -> bool:
        """Whether recent changes need to be applied through identity processing.

        Reads the source: select it along.
        """
        return (
            self.version != self.applied_version
            or self.source.generation != self.applied_generation
        )


class Transform(models.Model):
    """A transform of the library, which mappings and other transforms name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=NAME_WIDTH)
    type = models.CharField(max_length=60)
    definition = models.JSONField()
    built_in = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    audit_type = "transform"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="transform_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class AttributeMapping(models.Model):
    """Where one identity attribute of a profile comes from.

    From an attribute of the account (of another source, where `source` is set), through a
    transform of the library or one that stands in `definition`.
    """

    profile = models.ForeignKey(IdentityProfile, on_delete=models.CASCADE, related_name="mappings")
    attribute = models.CharField(max_length=ATTRIBUTE_WIDTH)
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_attribute = models.CharField(max_length=100, blank=True)
    transform = models.ForeignKey(
        Transform, null=True, blank=True, on_delete=models.PROTECT, related_name="mappings"
    )
    definition = models.JSONField(null=True, blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "attribute"], name="attribute_mapped_once"),
            models.CheckConstraint(
                condition=models.Q(transform=None) | models.Q(definition=None),
                name="one_transform_a_mapping",
            ),
            models.CheckConstraint(
                condition=~models.Q(source_attribute="")
                | models.Q(transform__isnull=False)
                | models.Q(definition__isnull=False),
                name="a_mapping_reads_something",
            ),
        ]

    def __str__(self) -> str:
        return self.attribute


class IdentityAttribute(models.Model):
    """An identity attribute that the tenant added to those that every tenant has."""

    name = models.CharField(max_length=ATTRIBUTE_WIDTH)
    label = models.CharField(max_length=NAME_WIDTH)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    audit_type = "identity_attribute"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="identity_attribute_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def audit_label(self) -> str:
        return self.name


class IdentityAccount(models.Model):
    """That an account of an authoritative source belongs to an identity.

    It names the account as its source does, and so outlives it: an account that vanishes and
    comes back finds its identity again. `digest` is the account's when the identity was last
    made equal to it. Of several accounts of an identity, the one whose profile has the highest
    priority leads: the identity belongs to that profile, and has its values.

    The database checks no foreign key here, for the reason that `Account` gives; identities are
    never deleted from their table.
    """

    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    native_identity = models.CharField(max_length=LONGEST_ID)
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="source_accounts",
    )
    digest = models.UUIDField()
    leads = models.BooleanField(default=True)
    linked_at = models.DateTimeField()
    vanished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "native_identity"], name="account_belongs_once"
            )
        ]

    def __str__(self) -> str:
        return self.native_identity


def last_priority() -> int:
    """The lowest priority that an existing profile has; 0 where there is none."""
    found: dict[str, Any] = IdentityProfile.objects.existing().aggregate(
        last=models.Max("priority")
    )
    return found["last"] or 0
