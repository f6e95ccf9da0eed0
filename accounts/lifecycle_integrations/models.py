from __future__ import annotations

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from accounts.groups.models import Group
from accounts.identities.models import Identity
from accounts.letters.models import Letter
from accounts.lifecycle_integrations.connectors import connectors
from accounts.lifecycle_integrations.states import (
    BUSY,
    OPEN,
    Act,
    Auth,
    Leavers,
    RunState,
    Status,
    StepState,
)
from accounts.vault.models import StoredAccount

NAME_MAX_LENGTH: Final = 100
URL_MAX_LENGTH: Final = 500
OUTSIDE_ID_MAX_LENGTH: Final = 200


def connector_choices() -> list[tuple[str, str | Promise]]:
    return [(name, connector.label) for name, connector in connectors.items()]


class LifecycleIntegration(models.Model):
    """An outside application whose accounts follow the members of chosen groups."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    application = models.CharField(max_length=NAME_MAX_LENGTH)
    connector = models.CharField(max_length=40, choices=connector_choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="lifecycle_integrations",
    )
    """Who is told when something is held or fails."""
    url = models.CharField(max_length=URL_MAX_LENGTH, blank=True)
    auth = models.CharField(max_length=10, choices=Auth.choices, default=Auth.BEARER)
    username = models.CharField(max_length=254, blank=True)
    item = models.ForeignKey(
        StoredAccount,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lifecycle_integrations",
    )
    """The account in the vault whose user name and password are used, instead of a typed secret."""
    leavers = models.CharField(max_length=10, choices=Leavers.choices, default=Leavers.DEACTIVATE)
    adopt = models.BooleanField(default=False)
    """Whether an account of the same user name that is there already becomes that of the person."""
    threshold_percent = models.PositiveSmallIntegerField(default=20)
    groups = models.ManyToManyField(Group, related_name="+")
    """Whose members should have an account."""
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.UNDER_VALIDATION
    )
    status_text = models.CharField(max_length=500, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    last_synced_at = models.DateTimeField(null=True, blank=True)
    next_sync_at = models.DateTimeField(null=True, blank=True)
    """When it is synchronized by itself; empty until a person has begun it, or must look at it."""
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    audit_type = "lifecycle_integration"

    class Meta:
        indexes = [
            models.Index(fields=["name", "id"], name="lifecycle_by_name"),
            models.Index(
                fields=["next_sync_at"],
                condition=Q(next_sync_at__isnull=False, paused_at=None),
                name="lifecycle_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold_percent__gte=1, threshold_percent__lte=100),
                name="lifecycle_threshold_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def has_secret(self) -> bool:
        stored = LifecycleSecret.objects.filter(integration=self)
        return self.item_id is not None or stored.exists()

    @property
    def shown_status(self) -> str:
        return "paused" if self.paused_at else self.status


class LifecycleSecret(models.Model):
    """What an application is shown as proof, sealed; none where it comes from the vault."""

    integration = models.OneToOneField(
        LifecycleIntegration, on_delete=models.CASCADE, primary_key=True, related_name="secret"
    )
    key_id = models.CharField(max_length=40)
    blob = models.BinaryField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.integration_id)


class LifecycleLink(models.Model):
    """That an account of the application is that of an identity."""

    integration = models.ForeignKey(
        LifecycleIntegration, on_delete=models.CASCADE, related_name="links"
    )
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="+")
    outside_id = models.CharField(max_length=OUTSIDE_ID_MAX_LENGTH)
    is_active = models.BooleanField(default=True)
    sent = models.JSONField(default=dict)
    """What the application was last told about them."""
    linked_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "identity"], name="lifecycle_identity_linked_once"
            ),
            models.UniqueConstraint(
                fields=["integration", "outside_id"], name="lifecycle_account_linked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.integration_id}: {self.identity_id}"


class LifecycleRun(models.Model):
    """One synchronization: what is to be done, what was, and what stopped it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(
        LifecycleIntegration, on_delete=models.CASCADE, related_name="runs"
    )
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    plan_only = models.BooleanField(default=False)
    """Whether a person wants to see the plan before anything is done."""
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    confirmed_for = models.JSONField(default=list)
    """The ids of those who may lose their account because a person saw that they would."""
    numbers = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    """Why it is held or has failed."""
    tries = models.PositiveSmallIntegerField(default=0)
    job_id = models.UUIDField(null=True)
    started_by = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["integration", "-started_at"], name="lifecycle_run_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["integration"],
                condition=Q(state__in=[state.value for state in OPEN]),
                name="lifecycle_one_open_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.integration_id} at {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_busy(self) -> bool:
        return self.state in BUSY


class LifecycleStep(models.Model):
    """What one run does to one account."""

    run = models.ForeignKey(LifecycleRun, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    act = models.CharField(max_length=10, choices=Act.choices)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=200)
    changes = models.JSONField(default=dict)
    """What differs, by attribute: what is there, and what is wanted."""
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.PLANNED)
    error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run", "position"], name="lifecycle_step_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.label}"


class LifecycleLetter(Letter):
    """A mail that tells the owner of an integration that one of its runs is held, or failed."""

    run = models.ForeignKey(LifecycleRun, on_delete=models.CASCADE, related_name="+")
    occasion = models.CharField(max_length=10)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="lifecycle_letter_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} to {self.recipient_id}"
