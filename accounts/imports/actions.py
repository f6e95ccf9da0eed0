"""What people do with an import: upload, choose the encoding, confirm, let it off, cancel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.imports.ending import end_unchanged
from accounts.imports.files import uploads
from accounts.imports.files.encodings import ENCODINGS, detect
from accounts.imports.files.errors import FileRefused
from accounts.imports.models import ImportRun
from accounts.imports.states import BUSY, HOLDING, MOVES, Decision, Mode, State
from accounts.jobs import actions as jobs
from accounts.jobs.models import Job
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.sources import policies
from accounts.sources.locking import SourceGone, lock
from accounts.sources.models import Source

REASON_MAX_LENGTH = 500


class WrongState(DomainError):
    """The import is not where this could be done; somebody else may have done it."""

    code = "wrong_state"

    def __init__(self, import_run: ImportRun) -> None:
        super().__init__(
            message=_("This cannot be done any more: the import is in the state “%(state)s”.")
            % {"state": import_run.get_state_display()}
        )


class NothingAccepted(DomainError):
    """No row of the file could be taken."""

    code = "nothing_accepted"

    def __init__(self) -> None:
        super().__init__(
            _("No row could be taken. Mend what the rejected rows say, and try again.")
        )


class ReasonMissing(DomainError):
    """The threshold is overridden with a reason only."""

    code = "reason_missing"


class NotTaken(DomainError):
    """The source does not read files, or reads nothing else."""

    code = "not_taken"


class UnknownEncoding(DomainError):
    """Not one of the encodings that can be chosen."""

    code = "unknown_encoding"


def upload(
    *,
    by: Actor,
    source: Source,
    file_name: str,
    chunks: Iterable[bytes],
    at: datetime,
    mode: str = Mode.FULL,
    encoding: str = "",
    confirm: bool = False,
) -> ImportRun:
    """Keep a file and have its plan made; without a certain encoding, wait until one is chosen.

    A file that is certainly none of ours is refused, and not kept. `encoding` is what the person
    chose; empty means that it is found out. With `confirm`, for who waits at no page, a plan
    within the threshold is applied, and a file of no certain encoding is refused.

    Raises:
        FileRefused: empty_file, wrong_kind, too_large, utf32, nul or encoding_unknown.
        AlreadyRunning: another import of this source is at work.
        NoRoom, NotTaken, UnknownEncoding, SourceGone, NotAllowed.
    """
    _check_takes_files(by, source)
    _check_encoding(encoding)
    stored = uploads.store(chunks)
    try:
        found, evidence = _encoding_of(stored.name, chosen=encoding, is_needed=confirm)
        with transaction.atomic():
            policies.check_may_manage(by, lock(source))
            import_run = ImportRun.objects.create(
                source=source,
                mode=Mode(mode),
                auto_apply=confirm,
                file_name=uploads.display_name(file_name),
                stored_name=stored.name,
                size=stored.size,
                sha256=stored.sha256,
                encoding=found,
                encoding_evidence=evidence,
                uploaded_at=at,
                uploaded_by=by.label[:200],
            )
            detail = {"size": stored.size, "sha256": stored.sha256, "mode": import_run.mode}
            record("import.uploaded", by=by, subject=import_run, detail=detail, at=at)
            if import_run.encoding:
                _start(by, import_run, State.PLANNING, at)
    except BaseException:
        uploads.forget(stored.name)
        raise
    return import_run


@transaction.atomic
def refresh(
    *, by: Actor, source: Source, at: datetime, mode: str = Mode.FULL, confirm: bool = True
) -> ImportRun:
    """Read a source that needs no file. With `confirm`, a plan within the threshold is applied.

    Raises:
        AlreadyRunning, NotTaken, SourceGone, NotAllowed.
    """
    current = lock(source)
    policies.check_may_manage(by, current)
    if current.kind.takes_files:
        raise NotTaken(_("This source needs a file."))
    import_run = ImportRun.objects.create(
        source=current,
        mode=Mode(mode),
        auto_apply=confirm,
        uploaded_at=at,
        uploaded_by=by.label[:200],
    )
    record("import.refreshed", by=by, subject=import_run, at=at)
    _start(by, import_run, State.PLANNING, at)
    return import_run


@transaction.atomic
def choose_encoding(*, by: Actor, import_run: ImportRun, encoding: str, at: datetime) -> ImportRun:
    """Say what the file is written in, or correct it; the plan is made anew.

    Raises:
        UnknownEncoding, WrongState, AlreadyRunning, NotAllowed.
    """
    _check_encoding(encoding)
    current = _locked(by, import_run)
    if not encoding or not current.stored_name:
        raise UnknownEncoding(_("Choose an encoding of the list."), field="encoding")
    current.encoding = encoding
    current.save(update_fields=["encoding"])
    return _start(by, current, State.PLANNING, at)


@transaction.atomic
def plan_again(*, by: Actor, import_run: ImportRun, at: datetime) -> ImportRun:
    """Have the plan made anew, say after the schema was changed.

    Raises:
        WrongState, AlreadyRunning, NotAllowed.
    """
    current = _locked(by, import_run)
    if current.stored_name and not current.encoding:
        raise UnknownEncoding(_("Choose an encoding of the list."), field="encoding")
    return _start(by, current, State.PLANNING, at)


@transaction.atomic
def confirm(
    *, by: Actor, import_run: ImportRun, at: datetime, plan: int | None = None
) -> ImportRun:
    """Have the plan applied: all of it, or none. `plan` is the one that the person has seen.

    Raises:
        WrongState: it is held or not planned, or the plan was made again meanwhile.
        NothingAccepted: there is no good row in the file.
        AlreadyRunning, NotAllowed.
    """
    current = _locked(by, import_run)
    if current.state != State.PLANNED or plan not in (None, current.plan):
        raise WrongState(current)
    if not current.accepted:
        raise NothingAccepted
    current.confirmed_at, current.confirmed_by = at, by.label[:200]
    current.save(update_fields=["confirmed_at", "confirmed_by"])
    return _start(by, current, State.APPLYING, at)


@transaction.atomic
def override(*, by: Actor, import_run: ImportRun, reason: str, at: datetime) -> ImportRun:
    """Let this one plan remove more than the threshold allows; it still waits for `confirm`.

    Raises:
        ReasonMissing, WrongState, NotAllowed.
    """
    reason = clean_text(reason, max_length=REASON_MAX_LENGTH, multiline=False, field="reason")
    if not reason:
        raise ReasonMissing(_("Say why these accounts may go."), field="reason")
    current = _held(by, import_run)
    detail = {"decision": current.decision, "missing": current.missing}
    current.override_reason, current.overridden_by = reason, by.label[:200]
    current.decision, current.state = Decision.OVERRIDDEN, State.PLANNED
    current.save(update_fields=["override_reason", "overridden_by", "decision", "state"])
    record("import.overridden", by=by, subject=current, reason=reason, detail=detail, at=at)
    return current


@transaction.atomic
def keep_missing(*, by: Actor, import_run: ImportRun, at: datetime) -> ImportRun:
    """Go on without removing anything: the import becomes merge only.

    Where it would do nothing else, it is done.

    Raises:
        WrongState, SourceGone, NotAllowed.
    """
    lock(import_run.source)
    current = _held(by, import_run)
    current.mode, current.decision, current.state = (
        Mode.MERGE_ONLY,
        Decision.MERGE_ONLY,
        State.PLANNED,
    )
    current.save(update_fields=["mode", "decision", "state"])
    record(
        "import.kept_missing", by=by, subject=current, detail={"missing": current.missing}, at=at
    )
    if not current.changes:
        end_unchanged(current, by=by, at=at)
    return current


@transaction.atomic
def cancel(*, by: Actor, import_run: ImportRun, at: datetime) -> ImportRun:
    """Give an import up. One at work stops at its next sign of progress; nothing is applied then.

    Raises:
        WrongState: it has ended.
        NotAllowed.
    """
    job_id = ImportRun.objects.values_list("job_id", flat=True).get(pk=import_run.pk)
    # first the job, then the import: a job that ends locks them in this order, too
    job = Job.objects.select_for_update().filter(pk=job_id).first() if job_id else None
    current = _locked(by, import_run)
    if current.is_finished or current.job_id != job_id:
        raise WrongState(current)
    if current.state in BUSY and job is not None and not job.is_finished:
        jobs.ask_to_cancel(by=by, job=job, at=at)
        current.refresh_from_db()
        return current
    current.state, current.finished_at, current.job_id = State.CANCELLED, at, None
    current.save(update_fields=["state", "finished_at", "job_id"])
    record("import.cancelled", by=by, subject=current, at=at)
    return current


def _check_takes_files(by: Actor, source: Source) -> None:
    policies.check_may_manage(by, source)
    if source.deleted_at is not None:
        raise SourceGone
    if not source.kind.takes_files:
        raise NotTaken(_("This source reads its accounts by itself."), field="file")


def _start(by: Actor, current: ImportRun, state: State, at: datetime) -> ImportRun:
    if state not in MOVES[State(current.state)]:
        raise WrongState(current)
    kind = "import.plan" if state == State.PLANNING else "import.apply"
    job = jobs.start(
        by=by,
        kind=kind,
        subject=current.source,
        payload={"import": str(current.pk)},
        exclusive_key=f"import:{current.source_id}",
        at=at,
    )
    values: dict[str, Any] = {"state": state, "job_id": job.pk}
    if state == State.PLANNING:
        values |= {
            "planned_again": False,
            "finished_at": None,
            "failure": "",
            "failure_reason": "",
            "failure_line": None,
        }
    for name, value in values.items():
        setattr(current, name, value)
    current.save(update_fields=list(values))
    return current


def _locked(by: Actor, import_run: ImportRun) -> ImportRun:
    current = (
        ImportRun.objects.select_for_update(of=("self",))
        .select_related("source")
        .get(pk=import_run.pk)
    )
    policies.check_may_manage(by, current.source)
    return current


def _held(by: Actor, import_run: ImportRun) -> ImportRun:
    current = _locked(by, import_run)
    if current.state != State.HELD or current.decision not in HOLDING:
        raise WrongState(current)
    return current


def _encoding_of(stored_name: str, *, chosen: str, is_needed: bool) -> tuple[str, str]:
    """The encoding of a file, empty where it is not certain, and what it is judged by."""
    detected = detect(uploads.path_of(stored_name))
    if is_needed and not (chosen or detected.encoding):
        raise FileRefused("encoding_unknown", evidence=detected.evidence)
    return chosen or detected.encoding, detected.evidence[:1000]


def _check_encoding(encoding: str) -> None:
    if encoding and encoding not in ENCODINGS:
        raise UnknownEncoding(_("Choose an encoding of the list."), field="encoding")
