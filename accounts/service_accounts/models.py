from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.service_accounts.states import Status, StatusFilter


class ServiceAccountQuerySet(models.QuerySet["ServiceAccount"]):
    def existing(self) -> ServiceAccountQuerySet:
        """All but the tombstones of deleted accounts."""
        return self.filter(deleted_at=None)

    def visible_to(self, person: Identity) -> ServiceAccountQuerySet:
        """What someone may see: everything by permission, else what they own, or are."""
        if may(person, Permission.SERVICE_ACCOUNT_VIEW_ALL):
            return self.existing()
        return self.existing().filter(models.Q(owner=person) | models.Q(pk=person.pk))

    def with_sort_name(self) -> ServiceAccountQuerySet:
        """With the name as lists are sorted by it, in `sort_name`."""
        return self.annotate(sort_name=Lower("name"))

    def in_status(self, status: str, now: datetime) -> ServiceAccountQuerySet:
        ended = models.Q(ends_at__lte=now)
        disabled = models.Q(identity__disabled_at__isnull=False)
        match status:
            case StatusFilter.ACTIVE:
                return self.exclude(ended).exclude(disabled)
            case StatusFilter.DISABLED:
                return self.filter(disabled).exclude(ended)
            case StatusFilter.ENDED:
                return self.filter(ended)
            case StatusFilter.NO_OWNER:
                return self.filter(
                    models.Q(owner=None)
                    | models.Q(owner__disabled_at__isnull=False)
                    | models.Q(owner__deleted_at__isnull=False)
                )
            case StatusFilter.OWNER_LEFT:
                return self.filter(
                    models.Q(owner_left_at__isnull=False)
                    | models.Q(owner__disabled_at__isnull=False)
                    | models.Q(owner__deleted_at__isnull=False)
                )
            case _:
                return self.none()


class ServiceAccount(models.Model):
    """Who answers for a non-human identity, what it is for and what it may ask for.

    Its primary key is its identity's: the `iss` and `sub` of its assertions. `scopes` are names
    of the catalogue, each assigned on purpose. A deleted account stays as a tombstone.
    """

    identity = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="service_account",
    )
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    description = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="owned_service_accounts",
    )
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="named_successor_of",
    )
    """Who owns it once the owner has left."""
    owner_left_at = models.DateTimeField(null=True, blank=True)
    """Since when nobody has answered for it: its owner left, and no other has confirmed."""
    scopes = models.JSONField(default=list)
    ends_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=200, blank=True)

    objects = ServiceAccountQuerySet.as_manager()

    audit_type = "service_account"

    class Meta:
        indexes = [
            models.Index(fields=["name", "identity"], name="service_account_by_name"),
            # as people sort: "Zebra" after "audit01", whatever the collation of the database
            models.Index(Lower("name"), "identity", name="service_account_alphabet"),
            # a search for part of a name reads this index alone (PostgreSQL: that of trigrams)
            models.Index(fields=["name_key", "identity"], name="service_account_by_key"),
            models.Index(fields=["created_at", "identity"], name="service_account_by_creation"),
            models.Index(
                fields=["ends_at"],
                condition=models.Q(ends_at__isnull=False),
                name="service_account_by_end",
            ),
            models.Index(
                fields=["owner_left_at"],
                condition=models.Q(owner_left_at__isnull=False),
                name="service_account_owner_left",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deleted_at=None, deleted_by="")
                | models.Q(deleted_at__isnull=False) & ~models.Q(deleted_by=""),
                name="account_deleted_by_someone",
            ),
            models.CheckConstraint(
                condition=models.Q(owner=None)
                | models.Q(successor=None)
                | ~models.Q(successor=models.F("owner")),
                name="successor_is_another",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def id(self) -> UUID:
        return self.identity_id

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def owner_has_left(self) -> bool:
        """Whether nobody has answered for it since its owner left."""
        return self.owner_left_at is not None or (
            self.owner is not None and not self.owner.is_active
        )

    def status_at(self, now: datetime) -> Status:
        if self.deleted_at is not None:
            return Status.DELETED
        if self.ends_at is not None and self.ends_at <= now:
            return Status.ENDED
        if self.identity.disabled_at is not None:
            return Status.DISABLED
        return Status.ACTIVE
