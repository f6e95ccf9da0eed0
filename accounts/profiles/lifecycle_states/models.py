from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.profiles.models import NAME_WIDTH, IdentityProfile

STATE_WIDTH = 100
"""Characters of a technical name, which is what the identity attribute holds."""


class Entry(models.TextChoices):
    """What entering a state does to an identity."""

    NOTHING = "", _("Nothing")
    ENABLE = "enable", _("Enable the identity")
    DISABLE = "disable", _("Disable the identity")


class IdentityState(models.TextChoices):
    """What the vendor calls the identity state, in its words."""

    NONE = "", _("None")
    ACTIVE = "ACTIVE", _("Active")
    INACTIVE_SHORT_TERM = "INACTIVE_SHORT_TERM", _("Inactive short-term")
    INACTIVE_LONG_TERM = "INACTIVE_LONG_TERM", _("Inactive long-term")


class LifecycleState(models.Model):
    """A state that the identities of a profile may be in.

    An identity is in the one whose technical name its attribute `cloudLifecycleState` holds; a
    value that names no enabled state is not taken.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(
        IdentityProfile, on_delete=models.CASCADE, related_name="lifecycle_states"
    )
    name = models.CharField(max_length=NAME_WIDTH)
    technical_name = models.CharField(max_length=STATE_WIDTH)
    is_enabled = models.BooleanField(default=False)
    description = models.CharField(max_length=1000, blank=True)
    identity_state = models.CharField(max_length=20, choices=IdentityState.choices, blank=True)
    on_entry = models.CharField(max_length=10, choices=Entry.choices, blank=True)
    priority = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    audit_type = "lifecycle_state"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "technical_name"], name="lifecycle_state_once"
            ),
            models.UniqueConstraint(fields=["profile", "name"], name="lifecycle_state_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class IdentityLifecycle(models.Model):
    """What has to be remembered of an identity and its states; most identities have no such row.

    `manual_state` was set by a person and stays until the source says another thing than
    `source_state`, what it said then. `disabled_at` is when entering a state disabled the
    identity: only what is disabled since exactly then is enabled by entering another.
    """

    identity = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="lifecycle",
    )
    manual_state = models.CharField(max_length=STATE_WIDTH, blank=True)
    source_state = models.CharField(max_length=STATE_WIDTH, blank=True)
    set_at = models.DateTimeField(null=True)
    set_by = models.CharField(max_length=200, blank=True)
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(manual_state="", source_state="", set_at=None, set_by="")
                | ~models.Q(manual_state="") & models.Q(set_at__isnull=False),
                name="manual_states_say_when",
            )
        ]

    def __str__(self) -> str:
        return self.manual_state or str(self.pk)
