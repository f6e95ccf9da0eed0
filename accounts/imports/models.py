from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.imports.files.encodings import label_of
from accounts.imports.states import FINISHED, HOLDING, REMOVING, Decision, Mode, State
from accounts.imports.states import Change as ChangeKind
from accounts.sources.models import Source
from accounts.sources.shape import LONGEST_ID, REASONS


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def unfinished(self) -> ImportRunQuerySet:
        return self.exclude(state__in=[state.value for state in FINISHED])

    def newest_first(self) -> ImportRunQuerySet:
        return self.order_by("-uploaded_at", "-id")


class ImportRun(models.Model):
    """One import of a source, from the file to the result.

    `plan` names the plan that counts; rows of others are left over from attempts that were cut
    off. `generation` is that of the source when the plan was begun.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="import_runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.FULL)
    auto_apply = models.BooleanField(default=False)
    job_id = models.UUIDField(null=True)

    file_name = models.CharField(max_length=200, blank=True)
    stored_name = models.CharField(max_length=60, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    encoding_evidence = models.CharField(max_length=1000, blank=True)

    plan = models.BigIntegerField(null=True)
    generation = models.PositiveBigIntegerField(null=True)
    header = models.JSONField(default=list)
    ignored_columns = models.JSONField(default=list)
    scanned = models.PositiveBigIntegerField(default=0)
    new = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    missing = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    removed = models.PositiveBigIntegerField(default=0)
    shared_names = models.JSONField(default=list)
    shared_name_count = models.PositiveBigIntegerField(default=0)
    accounts_before = models.PositiveBigIntegerField(default=0)
    removable = models.PositiveBigIntegerField(default=0)
    decision = models.CharField(max_length=12, choices=Decision.choices, blank=True)
    override_reason = models.CharField(max_length=500, blank=True)
    overridden_by = models.CharField(max_length=200, blank=True)
    planned_again = models.BooleanField(default=False)

    failure = models.CharField(max_length=500, blank=True)
    failure_reason = models.CharField(max_length=30, blank=True)
    failure_line = models.PositiveBigIntegerField(null=True)

    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=200)
    planned_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    audit_type = "import"

    class Meta:
        indexes = [
            models.Index(fields=["source", "-uploaded_at", "-id"], name="import_newest"),
            models.Index(fields=["state", "finished_at"], name="import_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(override_reason="", overridden_by="")
                | ~models.Q(override_reason="") & ~models.Q(overridden_by=""),
                name="an_override_says_why_and_who",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[state.value for state in FINISHED], finished_at__isnull=False
                )
                | ~models.Q(state__in=[state.value for state in FINISHED])
                & models.Q(finished_at=None),
                name="finished_imports_say_when",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name or str(self.source)

    @property
    def audit_label(self) -> str:
        return f"{self.source.name}: {self.file_name}" if self.file_name else self.source.name

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def is_held(self) -> bool:
        return self.state == State.HELD and self.decision in HOLDING

    @property
    def accepted(self) -> int:
        return self.new + self.changed + self.unchanged

    @property
    def changes(self) -> int:
        """How many accounts the plan adds, changes or removes."""
        return self.new + self.changed + (self.missing if self.decision in REMOVING else 0)

    def summary(self) -> dict[str, Any]:
        """The figures of the plan, as the audit log and the job keep them."""
        names = ("scanned", "new", "changed", "unchanged", "missing", "rejected", "decision")
        return {name: getattr(self, name) for name in names} | {"import": str(self.pk)}

    def file_summary(self) -> dict[str, str]:
        """What tells the file from any other, for the audit log; empty where there was none."""
        return {"file": self.file_name, "sha256": self.sha256} if self.file_name else {}

    @property
    def encoding_label(self) -> str:
        return label_of(self.encoding)


class Plan(models.Model):
    """One attempt at a plan; what it found stands in the rows that name it."""

    run_id = models.UUIDField(db_index=True)
    begun_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Plan {self.pk}"


@dataclass(frozen=True)
class Difference:
    """An attribute that changes; None where there is no value."""

    attribute: str
    before: Any
    after: Any


class PlannedChange(models.Model):
    """What a plan does with one account. On PostgreSQL the table is not logged: see `storage`."""

    plan = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=ChangeKind.choices)
    line = models.PositiveBigIntegerField()
    """Where it stands in the file; 0 for what is missing there."""
    account_id = models.BigIntegerField(null=True)
    native_identity = models.CharField(max_length=LONGEST_ID)
    name = models.CharField(max_length=LONGEST_ID)
    name_key = models.CharField(max_length=LONGEST_ID)
    attributes = models.TextField()
    before = models.TextField(null=True)
    digest = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["plan", "kind", "line", "id"], name="planned_change_listed")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.native_identity})"

    @property
    def values(self) -> dict[str, Any]:
        """The account's attributes: as they will be, or of a missing one as they are."""
        return dict(json.loads(self.attributes))

    @property
    def differences(self) -> list[Difference]:
        """The attributes that change, by name; none but for a changed account."""
        if self.before is None:
            return []
        before, after = json.loads(self.before), json.loads(self.attributes)
        return [
            Difference(name, before.get(name), after.get(name))
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        ]


class RejectedRow(models.Model):
    """A row that was not taken, why, and what stood in it. Not logged either."""

    plan = models.BigIntegerField()
    line = models.PositiveBigIntegerField()
    reason_code = models.CharField(max_length=20)
    column = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=200, blank=True)
    native_identity = models.CharField(max_length=LONGEST_ID, blank=True)
    other_line = models.PositiveBigIntegerField(null=True)
    content = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["plan", "line", "id"], name="rejected_row_listed")]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"

    @property
    def reason(self) -> str:
        said = str(REASONS.get(self.reason_code, self.reason_code))
        if self.other_line is None:
            return said
        return _("%(reason)s See line %(line)d.") % {"reason": said, "line": self.other_line}
