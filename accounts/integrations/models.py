from __future__ import annotations

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.service_accounts.models import ServiceAccount

NAME_MAX_LENGTH: Final = 100
APPLICATION_MAX_LENGTH: Final = 100
CONTACT_MAX_LENGTH: Final = 200
CLIENT_MAX_LENGTH: Final = 300
NOTES_MAX_LENGTH: Final = 2000


class Environment(models.TextChoices):
    """Where a program runs: how much it hurts when it stops."""

    PRODUCTION = "production", _("Production")
    STAGING = "staging", _("Staging")
    TEST = "test", _("Test")
    DEVELOPMENT = "development", _("Development")


class IntegrationQuerySet(models.QuerySet["Integration"]):
    def existing(self) -> IntegrationQuerySet:
        """All but those of deleted accounts."""
        return self.filter(account__deleted_at=None)

    def visible_to(self, person: Identity) -> IntegrationQuerySet:
        """Those of accounts that one may see, and those that one answers for."""
        if may(person, Permission.SERVICE_ACCOUNT_VIEW_ALL):
            return self.existing()
        of_accounts = ServiceAccount.objects.visible_to(person).values("pk")
        return self.existing().filter(models.Q(account__in=of_accounts) | models.Q(owner=person))


class Integration(models.Model):
    """A program that uses a service account: it fails where the account, its key or one of the
    scopes that it needs goes.

    `client` and `address` are by what it is known in what was observed; each may be empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, related_name="integrations"
    )
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    name_key = models.CharField(max_length=400, editable=False)
    application = models.CharField(max_length=APPLICATION_MAX_LENGTH)
    environment = models.CharField(
        max_length=20, choices=Environment.choices, default=Environment.PRODUCTION
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="owned_integrations",
    )
    contact = models.CharField(max_length=CONTACT_MAX_LENGTH, blank=True)
    scopes = models.JSONField(default=list)
    client = models.CharField(max_length=CLIENT_MAX_LENGTH, blank=True)
    address = models.CharField(max_length=45, blank=True)
    notes = models.CharField(max_length=NOTES_MAX_LENGTH, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    objects = IntegrationQuerySet.as_manager()

    audit_type = "integration"

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="integration_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "name_key"], name="integration_named_once_an_account"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    def is_seen_in(self, *, client: str, address: str) -> bool:
        """Whether uses by this client at this address are uses by it."""
        if not (self.client or self.address):
            return False
        return self.client in ("", client) and self.address in ("", address)
