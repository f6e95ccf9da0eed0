"""Making a plan: the file is read into a staging table and compared; no account changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.models import Outcome
from accounts.imports import actions, scan, thresholds
from accounts.imports.compare import REJECTED, Comparison
from accounts.imports.files import uploads
from accounts.imports.files.errors import FileRefused
from accounts.imports.models import ImportRun, Plan
from accounts.imports.scan import Rejected
from accounts.imports.staging import BATCH_ROWS, Row, Staging, staging
from accounts.imports.states import HOLDING, Mode, State
from accounts.jobs.run import Run
from accounts.sources import secrets
from accounts.sources.connectors.base import Intake, Reading
from accounts.sources.locking import SourceGone, lock
from accounts.sources.models import Source
from accounts.sources.schema import shape_of
from accounts.sources.shape import Shape


@dataclass
class Counts:
    """What was found in the file."""

    scanned: int = 0
    rejected: int = 0
    unreadable: int = 0
    """Rejected rows that name no account."""
    header: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def make_plan(run: Run, import_run: ImportRun) -> dict[str, Any]:
    """Make the plan of an import and keep it, if this attempt still has the job.

    Raises:
        FileRefused, DomainError: the file or the source cannot be read.
        Cancelled, LostJob: see `Run.progress`.
    """
    source = Source.objects.existing().filter(pk=import_run.source_id).first()
    if source is None:
        raise SourceGone
    generation = source.generation
    shape = shape_of(source)
    plan = Plan.objects.create(run_id=import_run.pk, begun_at=run.clock())
    tables = staging()
    tables.make()
    try:
        with _opened(source, import_run, shape) as reading:
            counts = _read(run, reading, shape, source, plan, tables)
        run.phase(_("Comparing"))
        tables.seal()
        comparison = Comparison(plan.pk, source.pk)
        counts.rejected += comparison.reject_repeated()
        found = {
            "new": comparison.find_new(),
            "changed": comparison.find_changed(),
            "missing": comparison.find_missing(),
        }
        shared, names = comparison.find_shared_names(with_present=import_run.mode != Mode.FULL)
    finally:
        tables.drop()
    values = found | {
        "shared_name_count": shared,
        "shared_names": names,
        "generation": generation,
        "plan": plan.pk,
    }
    return _keep(run, import_run, source, counts, values)


@contextmanager
def _opened(source: Source, import_run: ImportRun, shape: Shape) -> Iterator[Reading]:
    kind = source.kind
    path = uploads.path_of(import_run.stored_name) if kind.takes_files else None
    if path is not None and path.stat().st_size != import_run.size:
        raise FileRefused("file_changed")
    intake = Intake(
        columns=shape.columns,
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
    counts = Counts(header=list(reading.header), ignored=list(reading.ignored))
    merge = source.kind.merges_rows(source.config)
    run.phase(_("Reading"))
    rows: list[Row] = []
    refused: list[Rejected] = []
    add = rows.append
    for item in scan.accounts(reading, shape, merge=merge):
        if item.__class__ is Rejected:
            refused.append(item)
        else:
            add(item)
        if len(rows) >= BATCH_ROWS or len(refused) >= BATCH_ROWS:
            _hand_over(rows, refused, plan, tables, counts)
            run.progress(counts.scanned, _expected(counts.scanned, reading))
    _hand_over(rows, refused, plan, tables, counts)
    if not counts.scanned:
        raise FileRefused("no_rows")
    run.progress(counts.scanned, counts.scanned)
    return counts


def _hand_over(
    rows: list[Row],
    refused: list[Rejected],
    plan: Plan,
    tables: Staging,
    counts: Counts,
) -> None:
    if rows:
        tables.add(rows)
    if refused:
        _reject(plan, refused)
        tables.keep([r.native_identity for r in refused if r.native_identity])
    counts.scanned += len(rows) + len(refused)
    counts.rejected += len(refused)
    counts.unreadable += sum(not r.native_identity for r in refused)
    rows.clear()
    refused.clear()


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
        accepted_rows = counts.scanned - counts.rejected
        values |= {
            "scanned": counts.scanned,
            "rejected": counts.rejected,
            "unchanged": accepted_rows - values["new"] - values["changed"],
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
        run.hold()
        for name, value in values.items():
            setattr(import_run, name, value)
        import_run.save(update_fields=list(values))
        result = summary(import_run)
        record(
            "import.planned" if state == State.PLANNED else "import.held",
            by=run.actor,
            subject=import_run,
            outcome=Outcome.DONE if state == State.PLANNED else Outcome.REFUSED,
            detail=result,
            at=run.clock(),
        )
        run.finish(result)
        if import_run.auto_apply and state == State.PLANNED:
            actions.confirm(by=run.actor, import_run=import_run, at=run.clock())
    return result


def summary(import_run: ImportRun) -> dict[str, Any]:
    """The figures of a plan, as the audit log and the job keep them."""
    names = ("scanned", "new", "changed", "unchanged", "missing", "rejected", "decision")
    return {name: getattr(import_run, name) for name in names} | {"import": str(import_run.pk)}
