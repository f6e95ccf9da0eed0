"""Making a plan: the file is read into a staging table and compared; no account changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from operator import lt
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.models import Outcome
from accounts.imports import actions, ending, scan, scheduled, staging, thresholds
from accounts.imports.compare import REJECTED, Comparison
from accounts.imports.files import uploads
from accounts.imports.files.errors import FileRefused
from accounts.imports.models import ImportRun, Plan
from accounts.imports.scan import Rejected
from accounts.imports.staging import Staging
from accounts.imports.states import HOLDING, Mode, State
from accounts.jobs.run import Run
from accounts.sources import secrets
from accounts.sources.connectors.base import Intake, Reading
from accounts.sources.locking import SourceGone, lock
from accounts.sources.models import Source
from accounts.sources.schema import NAME_MAX_LENGTH, drafts_of, shape_of
from accounts.sources.shape import Row, Shape


@dataclass
class Counts:
    """What was found in the file."""

    scanned: int = 0
    rejected: int = 0
    unreadable: int = 0
    """Rejected rows that name no account."""
    identities_ascend: bool = True
    """Each Account ID is greater than the one before: so none is there twice."""
    names_ascend: bool = True
    header: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def make_plan(run: Run, import_run: ImportRun) -> dict[str, Any]:
    """Make the plan of an import and keep it, if this attempt still has the job.

    Where it changes nothing, the import is done.

    Raises:
        NothingAccepted: every row was rejected; the plan is kept, so that they can be mended.
        FileRefused, DomainError: the file or the source cannot be read.
        Cancelled, LostJob: see `Run.progress`.
    """
    source = Source.objects.existing().filter(pk=import_run.source_id).first()
    if source is None:
        raise SourceGone
    generation = source.generation
    shape = shape_of(source)
    plan = Plan.objects.create(run_id=import_run.pk, begun_at=run.clock())
    tables = staging.staging(plan.pk, is_first=not source.account_count)
    tables.make()
    try:
        with _opened(source, import_run) as reading:
            counts = _read(run, reading, shape, source, plan, tables)
        run.phase(_("Comparing"))
        id_column = shape.columns[shape.id_place]
        values = _compare(import_run, source, plan, tables, counts, id_column)
    finally:
        tables.drop()
    values |= {"generation": generation, "plan": plan.pk}
    return _keep(run, import_run, source, counts, values)


def _compare(
    import_run: ImportRun,
    source: Source,
    plan: Plan,
    tables: Staging,
    counts: Counts,
    id_column: str,
) -> dict[str, Any]:
    """The plan's rows and figures, with as few passes over the rows as the file allows."""
    tables.seal()
    comparison = Comparison(plan.pk, source.pk)
    if not counts.identities_ascend:
        tables.index()
        counts.rejected += comparison.reject_repeated(id_column)
    accepted = counts.scanned - counts.rejected
    new, changed = accepted, 0
    if not tables.holds_the_plan:
        new, changed = comparison.find_new_and_changed(by_index=not counts.identities_ascend)
    missing = 0
    if source.account_count > accepted - new:
        tables.index()
        missing = comparison.find_missing()
    shared: int = 0
    names: list[dict[str, Any]] = []
    if import_run.mode != Mode.FULL or not counts.names_ascend:
        tables.index()
        shared, names = comparison.find_shared_names(with_present=import_run.mode != Mode.FULL)
    return {
        "new": new,
        "changed": changed,
        "unchanged": accepted - new - changed,
        "missing": missing,
        "shared_name_count": shared,
        "shared_names": names,
    }


@contextmanager
def _opened(source: Source, import_run: ImportRun) -> Iterator[Reading]:
    kind = source.kind
    path = uploads.path_of(import_run.stored_name) if kind.takes_files else None
    if path is not None and path.stat().st_size != import_run.size:
        raise FileRefused("file_changed")
    intake = Intake(
        schema=drafts_of(source),
        config=kind.clean(source.config),
        secret=lambda name: secrets.plain(source, name),
        path=path,
        encoding=import_run.encoding,
    )
    with kind.open(intake) as reading:
        yield reading


def _read(
    run: Run, reading: Reading, shape: Shape, source: Source, plan: Plan, tables: Staging
) -> Counts:
    """Fill the staging table; rejected rows go where they stay."""
    counts = Counts(header=_short(reading.header), ignored=_short(reading.ignored))
    merge = source.kind.merges_rows(source.kind.clean(source.config))
    run.phase(_("Reading"))
    last: Row = (0, "", "", "", "", "")
    size = staging.BATCH_ROWS if source.kind.takes_files else staging.READ_ROWS
    for batch in scan.batches(reading, shape, merge=merge, size=size):
        if batch.rows:
            tables.add(batch.rows)
            counts.identities_ascend &= _ascend(last[1], [row[1] for row in batch.rows])
            counts.names_ascend &= _ascend(last[3], [row[3] for row in batch.rows])
            last = batch.rows[-1]
        if batch.rejected:
            _reject(plan, batch.rejected)
            tables.keep([r.native_identity for r in batch.rejected if r.native_identity])
        counts.scanned += len(batch.rows) + len(batch.rejected)
        counts.rejected += len(batch.rejected)
        counts.unreadable += sum(not r.native_identity for r in batch.rejected)
        run.progress(counts.scanned, _expected(counts.scanned, reading))
    if not counts.scanned:
        raise source.kind.nothing_read()
    run.progress(counts.scanned, counts.scanned)
    return counts


def _short(columns: Iterable[str]) -> list[str]:
    """Names to be kept; those of the schema are never longer."""
    return [column[:NAME_MAX_LENGTH] for column in columns]


def _ascend(last: str, texts: list[str]) -> bool:
    return last < texts[0] and all(map(lt, texts, islice(texts, 1, None)))


def _reject(plan: Plan, refused: Iterable[Rejected]) -> None:
    column = connection.ops.quote_name("column")
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {REJECTED} (plan, line, reason_code, {column}, value, "  # noqa: S608
            "native_identity, content) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [(plan.pk, *row) for row in refused],
        )


def _expected(scanned: int, reading: Reading) -> int | None:
    """How many rows there will be, judged by the bytes so far."""
    if not reading.total or not reading.position:
        return None
    return max(scanned, scanned * reading.total // reading.position)


def _keep(
    run: Run,
    import_run: ImportRun,
    source: Source,
    counts: Counts,
    values: dict[str, Any],
) -> dict[str, Any]:
    """Let the plan count, in one step with the end of the job."""
    with transaction.atomic():
        current = lock(source)
        decision = thresholds.decide(
            missing=values["missing"],
            accounts=current.account_count,
            percent=current.delete_threshold_percent,
            mode=import_run.mode,
            deletion_disabled=current.deletion_disabled,
            unreadable=counts.unreadable,
            overridden=False,
        )
        state = State.HELD if decision in HOLDING else State.PLANNED
        values |= {
            "scanned": counts.scanned,
            "rejected": counts.rejected,
            "header": counts.header,
            "ignored_columns": counts.ignored,
            "accounts_before": current.account_count,
            "removable": thresholds.removable(
                current.account_count, current.delete_threshold_percent
            ),
            "decision": decision,
            "override_reason": "",
            "overridden_by": "",
            "state": state,
            "planned_at": run.clock(),
        }
        if counts.scanned > counts.rejected:
            return _finish(run, import_run, values)
        del values["state"]  # the end of the job says it
        run.hold()
        _write(import_run, values)
    raise actions.NothingAccepted


def _write(import_run: ImportRun, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(import_run, name, value)
    import_run.save(update_fields=list(values))


def _finish(run: Run, import_run: ImportRun, values: dict[str, Any]) -> dict[str, Any]:
    run.hold()
    _write(import_run, values)
    at = values["planned_at"]
    result = import_run.summary()
    is_planned = import_run.state == State.PLANNED
    record(
        "import.planned" if is_planned else "import.held",
        by=run.actor,
        subject=import_run,
        outcome=Outcome.DONE if is_planned else Outcome.REFUSED,
        detail=result,
        at=at,
    )
    ending.give_up_older(import_run, at=at)
    if is_planned and not import_run.changes:
        ending.end_unchanged(import_run, by=run.actor, at=at)
    run.finish(result)
    if import_run.is_finished:
        return result
    if import_run.auto_apply and is_planned:
        actions.confirm(by=run.actor, import_run=import_run, at=run.clock())
    elif import_run.auto_apply:
        scheduled.tell_held(import_run, at=run.clock())
    return result
