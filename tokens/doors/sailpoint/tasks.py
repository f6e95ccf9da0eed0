"""Background jobs as the vendor's tasks.

An import, and the processing of a profile, is two jobs here, a plan and its application, and one
task there: the task has the id of the first, and tells of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Q
from django.http import HttpResponse

from accounts.jobs import queries
from accounts.jobs.kinds import kinds
from accounts.jobs.models import JobQuerySet
from accounts.jobs.states import State
from accounts.models import Identity, ImportRun, Job, Processing, Source
from tokens.doors.sailpoint.calls import Call, as_id, one_of, reference, stamp
from tokens.doors.sailpoint.collections import Collection, listed
from tokens.doors.sailpoint.errors import answer
from tokens.doors.sailpoint.fields import Asked, Column, Derived, Kind
from tokens.doors.sailpoint.outcomes import (
    NAMES,
    RETURNS,
    Outcome,
    of_import,
    of_invitations,
    of_processing,
)
from tokens.doors.sailpoint.task_states import (
    AGGREGATION,
    INVITATION,
    PROCESSING,
    STATUS,
    completed,
)

REMOVAL: Final = "source.remove_accounts"
BEGINNING: Final = "Initializing..."
SECOND_HALVES: Final = ("import.apply", "identity_processing.apply")

TYPES: Final = {
    "QUARTZ": ~Q(kind=""),
    "CLOUD_ACCOUNT_AGGREGATION": Q(kind=AGGREGATION),
    "IDENTITY_REFRESH": Q(kind=PROCESSING),
    "ACCOUNT_DELETION": Q(kind=REMOVAL),
}
TARGETS: Final = {Source.audit_type: "APPLICATION", Identity.audit_type: "IDENTITY"}
"""The vendor's word for a source, as far as tasks go; of other things they are not."""


def _source(values: Sequence[str]) -> Q:
    wanted = [str(pk) for pk in map(as_id, values) if pk]
    return Q(subject_type=Source.audit_type, subject_id__in=wanted)


TASKS: Final = Collection(
    order=("-created_at", "id"),
    fields={
        "id": Column("id", "eq in", Kind.ID),
        "sourceId": Asked(_source, "eq in"),
        "type": Derived(TYPES, "eq in"),
        "launcher": Column("asked_by", "eq in"),
        "completionStatus": Asked(completed, "eq in isnull"),
    },
    sorters={"created": "created_at"},
)


def list_(call: Call) -> HttpResponse:
    return listed(call, _readable(call).exclude(kind__in=SECOND_HALVES), TASKS, documents)


def get(call: Call, task_id: str) -> HttpResponse:
    found = one_of(_readable(call), task_id, "task")
    return answer(documents([found])[0])


def _readable(call: Call) -> JobQuerySet:
    return queries.visible_to(call.by)


def documents(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """Jobs in the vendor's words, with two statements for what they are about."""
    imports = _about(ImportRun.objects.all(), jobs, AGGREGATION, "import")
    processings = _about(Processing.objects.all(), jobs, PROCESSING, "processing")
    return [_document(job, _outcome(job, imports, processings)) for job in jobs]


def _about(rows: Any, jobs: Sequence[Job], kind: str, key: str) -> dict[str, Any]:
    ids = {str(job.payload[key]) for job in jobs if job.kind == kind and key in job.payload}
    return {str(row.pk): row for row in rows.filter(pk__in=ids)} if ids else {}


def _outcome(job: Job, imports: dict[str, Any], processings: dict[str, Any]) -> Outcome:
    if (import_run := imports.get(str(job.payload.get("import")))) is not None:
        return of_import(import_run)
    if (processing := processings.get(str(job.payload.get("processing")))) is not None:
        return of_processing(processing)
    if job.kind == INVITATION and job.state == State.SUCCEEDED:
        return of_invitations(job)
    attributes = {k: v for k, v in job.result.items() if isinstance(v, int | str | bool)}
    return Outcome(STATUS.get(job.state), job.finished_at, error=job.error, attributes=attributes)


def _document(job: Job, outcome: Outcome) -> dict[str, Any]:
    name, description = NAMES.get(job.kind, ("", ""))
    label = str(kinds.get(job.kind).label) if job.kind in kinds else job.kind
    return {
        "id": str(job.pk),
        "type": "QUARTZ",
        "uniqueName": f"{name or label} {stamp(job.created_at)}",
        "description": description or label,
        "parentName": None,
        "launcher": job.asked_by or "System",
        "target": _target(job),
        "created": stamp(job.created_at),
        "modified": stamp(outcome.completed_at or job.heartbeat_at or job.created_at),
        "launched": stamp(job.started_at),
        "completed": stamp(outcome.completed_at),
        "completionStatus": outcome.status,
        "messages": [
            {
                "type": message.kind,
                "localizedText": {"locale": "en-US", "message": message.text},
                "key": message.key,
                "parameters": [],
            }
            for message in outcome.messages
        ],
        "returns": [
            {"name": label, "attributeName": attribute}
            for label, attribute in RETURNS.get(job.kind, ())
        ],
        "attributes": outcome.attributes,
        "progress": None
        if outcome.status
        else (outcome.progress or job.phase or "Initializing..."),
        "percentComplete": 100 if outcome.status else _percent(job),
    }


def _target(job: Job) -> dict[str, str] | None:
    kind = TARGETS.get(job.subject_type)
    return reference(kind, job.subject_id, job.subject_label) if kind else None


def _percent(job: Job) -> int:
    """Below a hundred, which only what has ended has."""
    if not job.total:
        return 0
    return min(99, job.done * 100 // job.total)


def loading(import_run: ImportRun, job: Job) -> dict[str, Any]:
    """The answer to a file that was sent; the task goes on at its own address."""
    name, description = NAMES[AGGREGATION]
    outcome = of_import(import_run)
    return {
        "id": str(job.pk),
        "type": "QUARTZ",
        "name": name,
        "description": description,
        "launcher": job.asked_by,
        "created": stamp(job.created_at),
        "launched": stamp(job.started_at),
        "completed": stamp(outcome.completed_at),
        "completionStatus": outcome.status,
        "parentName": None,
        "messages": [],
        "progress": BEGINNING,
        "attributes": {"appId": str(import_run.source_id), "optimizedAggregation": "enabled"},
        "returns": [
            {"displayLabel": label, "attributeName": attribute}
            for label, attribute in RETURNS[AGGREGATION]
        ],
    }
