from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.roles.models import Role

GROUP_NAME_MAX_LENGTH = 100


class Approvers(models.TextChoices):
    """Who decides about requests to belong to a group."""

    MANAGER = "manager", _("The manager of who asks")
    EITHER = "either", _("The manager of who asks, or the group's")
    BOTH = "both", _("The manager of who asks, and the group's")


class GroupQuerySet(models.QuerySet["Group"]):
    def visible_to(self, person: Identity) -> GroupQuerySet:
        """All by permission; else those that one manages, or that one or an account of one's own
        belongs to now."""
        if may(person, Permission.GROUP_VIEW):
            return self
        theirs = Membership.objects.current(timezone.now()).filter(
            models.Q(identity=person) | models.Q(identity__service_account__owner=person)
        )
        return self.filter(models.Q(manager=person) | models.Q(pk__in=theirs.values("group_id")))


class Group(models.Model):
    """Identities that have roles because they belong to it; a child has its parent's, too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=GROUP_NAME_MAX_LENGTH)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    description = models.CharField(max_length=1000, blank=True)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="managed_groups",
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    may_be_requested = models.BooleanField(default=False)
    """Whether people may ask to have an account in it; see `approvers`."""
    approvers = models.CharField(
        max_length=10, choices=Approvers.choices, default=Approvers.MANAGER
    )
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    objects = GroupQuerySet.as_manager()

    audit_type = "group"

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="group_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="group_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class GroupRole(models.Model):
    """That members of a group have a role."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="group_roles")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="group_roles")
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "role"], name="group_has_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.role_id}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, now: datetime) -> MembershipQuerySet:
        """Those that have not run out."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=now))


class Membership(models.Model):
    """That an identity belongs to a group; without effect from `until` on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=200)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "group"], name="member_once"),
        ]
        indexes = [
            models.Index(fields=["group", "since", "id"], name="members_of_group"),
            models.Index(
                fields=["until"], condition=models.Q(until__isnull=False), name="membership_by_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} in {self.group_id}"
