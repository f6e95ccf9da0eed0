from __future__ import annotations

import uuid

from django.db import models

from accounts.models import ServiceAccount

AUDIENCE_MAX_LENGTH = 300
SCOPE_MAX_LENGTH = 200


class Api(models.Model):
    """An API of the tenant: programs get tokens for it that name its audience.

    `audience_key` is the canonical form of the audience: two ways to write one address are one.
    `account` is the API itself where it asks about the tokens that it is shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    audience = models.CharField(max_length=AUDIENCE_MAX_LENGTH)
    audience_key = models.CharField(max_length=AUDIENCE_MAX_LENGTH + 10, unique=True)
    description = models.CharField(max_length=1000, blank=True)
    account = models.ForeignKey(
        ServiceAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="apis"
    )
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    audit_type = "own_api"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class ApiScope(models.Model):
    """A right at an API of the tenant; its name never changes, since programs ask for it.

    `name_key` is the name without upper case: names that differ in case alone are one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    api = models.ForeignKey(Api, on_delete=models.PROTECT, related_name="scopes")
    name = models.CharField(max_length=SCOPE_MAX_LENGTH)
    name_key = models.CharField(max_length=SCOPE_MAX_LENGTH, unique=True, editable=False)
    description = models.CharField(max_length=300)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    restricted = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="scope_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name
