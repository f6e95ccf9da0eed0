from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts.profiles.lifecycle_states.models import Entry
from accounts.profiles.models import ATTRIBUTE_WIDTH, IdentityProfile, VanishedPolicy
from accounts.profiles.processing import states
from accounts.profiles.processing.states import FINISHED, Effect, State
from accounts.sources.shape import LONGEST_ID


class ProcessingQuerySet(models.QuerySet["Processing"]):
    def unfinished(self) -> ProcessingQuerySet:
        return self.exclude(state__in=[state.value for state in FINISHED])

    def newest_first(self) -> ProcessingQuerySet:
        return self.order_by("-asked_at", "-id")


class Processing(models.Model):
    """One run of identity processing for a profile, from the plan to the result.

    `plan` names the plan that counts. `generation` and `version` are those of the source and
    the profile when it was begun: for others it is not applied. `total` and `done` count planned
    effects, so that a run that was cut off goes on where it stood. `unknown_states` counts the
    accounts by the values of `cloudLifecycleState` that name no enabled state.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(
        IdentityProfile, on_delete=models.PROTECT, related_name="processings"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNING)
    auto_apply = models.BooleanField(default=False)
    job_id = models.UUIDField(null=True)

    plan = models.BigIntegerField(null=True)
    generation = models.PositiveBigIntegerField(null=True)
    version = models.PositiveBigIntegerField(null=True)
    vanished_policy = models.CharField(max_length=8, choices=VanishedPolicy.choices, blank=True)
    accounts = models.PositiveBigIntegerField(default=0)
    effects = models.JSONField(default=dict)
    unchanged = models.PositiveBigIntegerField(default=0)
    in_error = models.PositiveBigIntegerField(default=0)
    shared_names = models.JSONField(default=list)
    shared_name_count = models.PositiveBigIntegerField(default=0)
    unknown_states = models.JSONField(default=dict)
    held_reason = models.CharField(max_length=500, blank=True)
    planned_again = models.BooleanField(default=False)
    total = models.PositiveBigIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True)

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    planned_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = ProcessingQuerySet.as_manager()

    audit_type = "identity_processing"

    class Meta:
        indexes = [
            models.Index(fields=["profile", "-asked_at", "-id"], name="processing_newest"),
            models.Index(fields=["state", "finished_at"], name="processing_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["profile"],
                condition=~models.Q(state__in=[state.value for state in FINISHED]),
                name="one_processing_a_profile",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[state.value for state in FINISHED], finished_at__isnull=False
                )
                | ~models.Q(state__in=[state.value for state in FINISHED])
                & models.Q(finished_at=None),
                name="finished_processings_say_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile.name} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def audit_label(self) -> str:
        return self.profile.name

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    def count(self, effect: Effect) -> int:
        """How many identities the plan has this effect on."""
        return int(self.effects.get(effect.name.lower(), 0))

    @property
    def disabled_by_state(self) -> int:
        """Of the created and changed, how many enter a life-cycle state that disables them."""
        return int(self.effects.get(states.DISABLED_BY_STATE, 0))

    @property
    def enabled_by_state(self) -> int:
        return int(self.effects.get(states.ENABLED_BY_STATE, 0))

    @property
    def counts(self) -> list[tuple[Effect, int]]:
        """The effects that people confirm, with how many identities each has."""
        return [(effect, self.count(effect)) for effect in states.SHOWN]

    @property
    def changes(self) -> int:
        """How many identities change in a way that can be seen."""
        return sum(number for _effect, number in self.counts)


class ProcessingPlan(models.Model):
    """One attempt at a plan; what it found stands in the rows that name it."""

    processing_id = models.UUIDField(db_index=True)
    profile_id = models.UUIDField(db_index=True)
    begun_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Plan {self.pk}"


class ProcessingChunk(models.Model):
    """A range of planned effects that is applied in one transaction, and whether it was."""

    plan = models.BigIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    size = models.PositiveIntegerField()
    is_done = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["plan", "first"], name="processing_chunk_next")]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class Difference:
    """An attribute that changes; None where there is no value."""

    attribute: str
    before: Any
    after: Any


class PlannedEffect(models.Model):
    """What a plan does with one identity. On PostgreSQL the table is not logged: see `storage`.

    `attributes` are all values by the names of identity attributes; `before` and `after` hold
    the ones that change. `shown` is what the audit log may hold of `attributes`, where that is
    less than all of them.
    """

    plan = models.BigIntegerField()
    effect = models.SmallIntegerField(choices=Effect.choices)
    native_identity = models.CharField(max_length=LONGEST_ID)
    account_name = models.CharField(max_length=LONGEST_ID)
    digest = models.UUIDField(null=True)
    identity_id = models.UUIDField()
    user_name = models.CharField(max_length=200)
    user_name_key = models.CharField(max_length=600)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    display_name = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    attributes = models.TextField()
    before = models.TextField(null=True)
    after = models.TextField(null=True)
    shown = models.TextField(null=True)
    name_key = models.CharField(max_length=400, null=True)
    purpose = models.CharField(max_length=1000, null=True)
    invited = models.BooleanField(default=False)
    entering = models.CharField(max_length=10, choices=Entry.choices, db_default="", blank=True)
    """What the life-cycle state does that the identity enters."""
    follows_source = models.BooleanField(db_default=False)
    """Whether the life-cycle state that a person had set ends."""

    class Meta:
        indexes = [models.Index(fields=["plan", "effect", "id"], name="planned_effect_listed")]

    def __str__(self) -> str:
        return f"{self.user_name} ({self.native_identity})"

    @property
    def values(self) -> dict[str, Any]:
        """All values of the identity: as they will be, or of a lost one as they are."""
        return dict(json.loads(self.attributes)) if self.attributes else {}

    @property
    def differences(self) -> list[Difference]:
        """The attributes that change, by name; none but for an identity that exists."""
        if self.before is None or self.after is None:
            return []
        before, after = json.loads(self.before), json.loads(self.after)
        return [
            Difference(name, before.get(name), after.get(name))
            for name in sorted(before.keys() | after.keys())
        ]


class AccountProblem(models.Model):
    """Why an account did not become an identity, or its identity did not follow it.

    Those that count name the plan that `IdentityProfile.problems` does.
    """

    plan = models.BigIntegerField()
    profile = models.ForeignKey(
        IdentityProfile, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=states.Problem.choices)
    native_identity = models.CharField(max_length=LONGEST_ID)
    account_name = models.CharField(max_length=LONGEST_ID)
    identity_id = models.UUIDField(null=True)
    attribute = models.CharField(max_length=ATTRIBUTE_WIDTH, blank=True)
    path = models.CharField(max_length=300, blank=True)
    cause = models.CharField(max_length=500, blank=True)
    user_name = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=600, blank=True)
    """The key of the name that collides: of the user name, or of the service account's name."""

    class Meta:
        indexes = [
            models.Index(fields=["plan", "kind", "id"], name="account_problem_listed"),
            models.Index(
                fields=["key"], condition=~models.Q(key=""), name="account_problem_by_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_name}: {self.get_kind_display()}"
