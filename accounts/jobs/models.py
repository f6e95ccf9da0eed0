from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models

from accounts.jobs.kinds import job_kinds
from accounts.jobs.states import UNFINISHED, State


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=UNFINISHED)

    def lost_at(self, now: datetime) -> JobQuerySet:
        """Running jobs whose worker has not been heard of for longer than its lease."""
        return self.filter(state=State.RUNNING, lease_until__lt=now)

    def due_at(self, now: datetime) -> JobQuerySet:
        return self.filter(state=State.QUEUED, not_before__lte=now)


class Job(models.Model):
    """Something slow that was asked for: the truth about it, whatever carries it.

    A worker holds it by a lease that it renews with each sign of progress. `attempt` is the
    fence: a worker whose attempt is not the stored one has lost the job and may write nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, choices=job_kinds)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(max_length=200, blank=True)
    exclusive_key = models.CharField(max_length=120, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    asked_by_id = models.CharField(max_length=36)
    asked_by = models.CharField(max_length=200)
    means = models.JSONField(null=True)
    """The credential with which a program asked for it: `Means` of the audit log."""
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    """When whoever asked for it was told of its end."""
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    phase = models.CharField(max_length=200, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)

    objects = JobQuerySet.as_manager()

    audit_type = "job"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exclusive_key"],
                condition=models.Q(state__in=[s.value for s in UNFINISHED])
                & ~models.Q(exclusive_key=""),
                name="one_unfinished_job_per_key",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in UNFINISHED], finished_at=None)
                | ~models.Q(state__in=[s.value for s in UNFINISHED])
                & models.Q(finished_at__isnull=False),
                name="finished_jobs_say_when",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "id"], name="job_newest"),
            models.Index(fields=["state", "not_before"], name="job_due"),
            models.Index(fields=["subject_type", "subject_id", "-created_at"], name="job_of"),
            models.Index(
                fields=["asked_by_id", "finished_at"],
                condition=models.Q(told_at=None, finished_at__isnull=False),
                name="job_to_be_told",
            ),
            models.Index(
                fields=["exclusive_key", "-created_at"],
                condition=~models.Q(exclusive_key=""),
                name="job_by_exclusive_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_label}".strip()

    @property
    def audit_label(self) -> str:
        return str(self)

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED

    def rate_at(self, now: datetime) -> float | None:
        """Things a second since this attempt began; None before there is anything to tell."""
        if self.started_at is None or not self.done:
            return None
        seconds = ((self.finished_at or now) - self.started_at).total_seconds()
        return self.done / seconds if seconds > 0 else None

    def time_left_at(self, now: datetime) -> timedelta | None:
        """How long it will take at the rate so far; None where the total is not known."""
        rate = self.rate_at(now)
        if self.is_finished or not rate or self.total is None:
            return None
        return timedelta(seconds=max(0, self.total - self.done) / rate)


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def due_at(self, now: datetime) -> ScheduleQuerySet:
        return self.filter(next_at__lte=now, paused_at=None).order_by("next_at", "pk")


class Schedule(models.Model):
    """A job at set times of a day. `next_at` is in UTC, worked out for the clock of `zone`.

    `name` tells schedules apart and never changes; `title` is what people read, if it is another.
    `set_by_id` is whoever answers for it: where they may not any more, it is paused, and `trouble`
    says so. Else `trouble` says why it could not begin the last time.
    """

    name = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40, choices=job_kinds)
    payload = models.JSONField(default=dict)
    times = models.JSONField(default=list)
    weekdays = models.JSONField(default=list)
    """From 0 (Monday) to 6; empty means every day."""
    zone = models.CharField(max_length=60)
    next_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    set_by_id = models.CharField(max_length=36, default="", blank=True)
    set_by = models.CharField(max_length=200, default="", blank=True)
    paused_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, default="", blank=True)

    objects = ScheduleQuerySet.as_manager()

    audit_type = "schedule"

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="schedule_due")]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def audit_label(self) -> str:
        return str(self)

    @property
    def job_key(self) -> str:
        """The exclusive key of its jobs: none begins while the last one runs."""
        return f"schedule:{self.name}"[:120]


class Worker(models.Model):
    """A process that does background jobs, and when it last said that it lives."""

    id = models.UUIDField(primary_key=True, editable=False)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.pk)
