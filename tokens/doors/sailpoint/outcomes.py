"""How what takes long has ended, in the vendor's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from accounts.imports.states import HOLDING
from accounts.imports.states import State as ImportState
from accounts.models import ImportRun, Job, Processing
from accounts.profiles.processing.states import State as ProcessingState

SUCCESS: Final = "SUCCESS"
WARNING: Final = "WARNING"
ERROR: Final = "ERROR"
TERMINATED: Final = "TERMINATED"

NAMES: Final = {
    "import.plan": ("Cloud Account Aggregation", "Aggregate from the specified application"),
    "import.apply": ("Cloud Account Aggregation", "Apply the plan of an aggregation"),
    "identity_processing.plan": ("Identity Refresh", "Refresh the identities of a profile"),
    "identity_processing.apply": ("Identity Refresh", "Apply the plan of a refresh"),
    "source.remove_accounts": ("Account Deletion", "Remove all accounts of a source"),
    "identity.invite": ("Identity Invitation", "Invite identities to register"),
}
"""Name and description of a task, by the kind of its job."""

RETURNS: Final = {
    "import.plan": (
        ("TASK_OUT_ACCOUNT_AGGREGATION_APPLICATIONS", "applications"),
        ("TASK_OUT_ACCOUNT_AGGREGATION_TOTAL", "total"),
        ("TASK_OUT_ACCOUNT_AGGREGATION_OPTIMIZED", "optimizedAggregation"),
        ("TASK_OUT_ACCOUNT_AGGREGATION_IGNORED", "ignored"),
        ("TASK_OUT_UNCHANGED_ACCOUNTS", "optimized"),
        ("TASK_OUT_ACCOUNT_AGGREGATION_CREATED", "created"),
        ("TASK_OUT_ACCOUNT_AGGREGATION_UPDATED", "updated"),
        ("TASK_OUT_ACCOUNT_AGGREGATION_DELETED", "deleted"),
    )
}


@dataclass(frozen=True)
class Message:
    """`kind` is INFO, WARN or ERROR."""

    kind: str
    key: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """Without a status, it goes on."""

    status: str | None
    completed_at: datetime | None
    error: str = ""
    warnings: tuple[tuple[str, str], ...] = ()
    """Each with its key."""
    attributes: dict[str, Any] = field(default_factory=dict)
    progress: str = ""

    @property
    def messages(self) -> list[Message]:
        found = [Message("WARN", key, text) for key, text in self.warnings]
        return [Message("ERROR", "task_failed", self.error), *found] if self.error else found


def of_import(import_run: ImportRun) -> Outcome:
    """An import that is held has ended for now: somebody has to decide, in the console."""
    attributes = {
        "appId": str(import_run.source_id),
        "applications": str(import_run.source_id),
        "optimizedAggregation": "enabled",
        "total": import_run.scanned,
        "ignored": import_run.rejected,
        "optimized": import_run.unchanged,
        "created": import_run.new,
        "updated": import_run.changed,
        "deleted": import_run.removed,
    }
    status, completed_at = None, import_run.finished_at
    warnings = _import_warnings(import_run)
    match import_run.state:
        case ImportState.APPLIED:
            status = WARNING if warnings else SUCCESS
        case ImportState.HELD | ImportState.UPLOADED:
            status, completed_at = WARNING, import_run.planned_at or import_run.uploaded_at
            attributes |= {"created": 0, "updated": 0}
        case ImportState.FAILED:
            status = ERROR
        case ImportState.CANCELLED:
            status = TERMINATED
    return Outcome(
        status,
        completed_at,
        error=import_run.failure if status == ERROR else "",
        warnings=warnings if status else (),
        attributes=attributes,
        progress=str(ImportState(import_run.state).label),
    )


def _import_warnings(import_run: ImportRun) -> tuple[tuple[str, str], ...]:
    found = []
    if import_run.state == ImportState.UPLOADED:
        text = "The encoding of the file is not certain: choose it in the console."
        found.append(("encoding_unknown", text))
    if import_run.decision in HOLDING:
        text = (
            f"{import_run.missing} accounts are missing from the file, more than the Account "
            "Delete Threshold allows. Nothing was changed; decide in the console."
        )
        if import_run.missing <= import_run.removable:
            text = (
                "A row without an Account ID may be any account that is missing from the file. "
                "Nothing was changed; decide in the console."
            )
        found.append(("delete_threshold_exceeded", text))
    if import_run.rejected:
        text = f"{import_run.rejected} rows were not taken; the console lists them with the cause."
        found.append(("rows_rejected", text))
    return tuple(found)


def of_processing(processing: Processing) -> Outcome:
    """A plan that waits for confirmation has ended for now, as an import that is held."""
    attributes = {"profileId": str(processing.profile_id), **processing.effects}
    attributes |= {"unchanged": processing.unchanged, "errors": processing.in_error}
    status, completed_at, warnings = None, processing.finished_at, []
    if processing.in_error:
        text = f"{processing.in_error} accounts have exceptions; the console lists them."
        warnings.append(("identity_exceptions", text))
    match processing.state:
        case ProcessingState.APPLIED:
            status = WARNING if warnings else SUCCESS
        case ProcessingState.PLANNED:
            status, completed_at = WARNING, processing.planned_at
            text = processing.held_reason or "The plan waits to be confirmed in the console."
            warnings.append(("waits_for_confirmation", text))
        case ProcessingState.FAILED:
            status = ERROR
        case ProcessingState.CANCELLED:
            status = TERMINATED
    return Outcome(
        status,
        completed_at,
        error=processing.failure if status == ERROR else "",
        warnings=tuple(warnings) if status else (),
        attributes=attributes,
        progress=str(ProcessingState(processing.state).label),
    )


def of_invitations(job: Job) -> Outcome:
    problems = [("not_invited", text) for text in job.result.get("problems", ())]
    attributes = {name: job.result.get(name, 0) for name in ("invited", "not_invited")}
    status = WARNING if problems else SUCCESS
    return Outcome(status, job.finished_at, warnings=tuple(problems), attributes=attributes)
