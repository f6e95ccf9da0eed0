from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models

ROLE_NAME_MAX_LENGTH = 100


class Role(models.Model):
    """A named set of rights.

    `scopes` are names of the scope catalogue, `permissions` those of the console; who has the
    role also has what the roles within it carry.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=ROLE_NAME_MAX_LENGTH)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    description = models.CharField(max_length=1000, blank=True)
    scopes = models.JSONField(default=list, blank=True)
    permissions = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    audit_type = "role"

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="role_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class RoleContainment(models.Model):
    """That whoever has one role has the other one, too."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="containments")
    contained = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="containers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "contained"], name="role_contains_once"),
            models.CheckConstraint(
                condition=~models.Q(role=models.F("contained")), name="role_is_not_within_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id} > {self.contained_id}"


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def current(self, now: datetime) -> RoleAssignmentQuerySet:
        return self.filter(models.Q(until=None) | models.Q(until__gt=now))


class RoleAssignment(models.Model):
    """That an identity has a role by itself, not by a group."""

    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_assignments"
    )
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="assignments")
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=200)
    until = models.DateTimeField(null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "role"], name="role_assigned_once"),
        ]
        indexes = [
            models.Index(
                fields=["until"],
                condition=models.Q(until__isnull=False),
                name="role_assignment_by_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.role_id}"
