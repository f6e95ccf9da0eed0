"""Applying a plan: all of it in one transaction, or none."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.imports.models import ImportRun, PlannedChange
from accounts.imports.plan import make_plan
from accounts.imports.staging import PLANNED
from accounts.imports.states import REMOVING, Change, State
from accounts.jobs.run import Run
from accounts.sources.actions import note_health
from accounts.sources.locking import lock
from accounts.sources.models import Source
from accounts.sources.removal import ACCOUNTS, database_id, database_time, remove_where

ANALYZE_FROM: Final = 10_000
"""Changes after which PostgreSQL should look at the table again before the next import does."""


class Stale(Exception):
    """The accounts are not those that the plan was made for, or rows of the plan are lost."""


def apply_plan(run: Run, import_run: ImportRun) -> dict[str, Any]:
    """Apply the plan of an import; where it does not fit any more, make it again instead.

    Then nobody has confirmed what the new plan says, so it waits for that.

    Raises:
        SourceGone: the source was deleted.
        Cancelled, LostJob: see `Run.progress`.
    """
    try:
        result = _apply(run, import_run)
    except Stale:
        import_run.refresh_from_db()
        import_run.planned_again = True
        import_run.save(update_fields=["planned_again"])
        return make_plan(run, import_run)
    if result["changes"] >= ANALYZE_FROM and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {ACCOUNTS}")
    return result


def _apply(run: Run, import_run: ImportRun) -> dict[str, Any]:
    run.phase(str(State.APPLYING.label), total=import_run.new + import_run.changed)
    with transaction.atomic():
        source = lock(import_run.source)
        _check_fits(import_run, source)
        assert import_run.plan is not None
        at = run.clock()
        _change(import_run.plan, at)
        run.progress(import_run.changed)
        removed = _remove(import_run, by=run.actor, at=at)
        _insert(import_run.plan, source, at)
        run.progress(import_run.changed + import_run.new)
        source.account_count += import_run.new - removed
        source.generation += 1
        source.save(update_fields=["account_count", "generation"])
        note_health(source, failure="", at=at)
        # first the job, then the import: whoever cancels locks them in this order, too
        run.hold()
        values = {"state": State.APPLIED, "removed": removed, "finished_at": at, "job_id": None}
        ImportRun.objects.filter(pk=import_run.pk).update(**values)
        result = import_run.summary() | {"removed": removed}
        detail = result | import_run.file_summary()
        record("import.applied", by=run.actor, subject=import_run, detail=detail, at=at)
        run.finish(result)
    return result | {"changes": import_run.new + import_run.changed + removed}


def _check_fits(import_run: ImportRun, source: Source) -> None:
    if import_run.generation != source.generation:
        raise Stale
    rows = PlannedChange.objects.filter(plan=import_run.plan or 0).values_list("kind")
    found = dict(rows.annotate(times=Count("pk")).order_by())
    planned = {
        Change.NEW.value: import_run.new,
        Change.CHANGED.value: import_run.changed,
        Change.MISSING.value: import_run.missing,
    }
    # a crash of PostgreSQL empties the tables that it does not log
    if found != {kind: count for kind, count in planned.items() if count}:
        raise Stale


def _change(plan: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {ACCOUNTS} SET name = p.name, name_key = p.name_key, "  # noqa: S608
            f"attributes = {_as_json('p.attributes')}, digest = p.digest, changed_at = %s "
            f"FROM {PLANNED} p WHERE p.plan = %s AND p.kind = %s AND {ACCOUNTS}.id = p.account_id",
            [database_time(at), plan, Change.CHANGED.value],
        )


def _remove(import_run: ImportRun, *, by: Actor, at: datetime) -> int:
    if import_run.decision not in REMOVING or not import_run.missing:
        return 0
    return remove_where(
        f"id IN (SELECT account_id FROM {PLANNED} WHERE plan = %s AND kind = %s)",  # noqa: S608
        [import_run.plan or 0, Change.MISSING.value],
        by=by,
        at=at,
    )


def _insert(plan: int, source: Source, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ACCOUNTS} (source_id, native_identity, name, name_key, "  # noqa: S608
            "attributes, digest, created_at, changed_at) "
            f"SELECT %s, native_identity, name, name_key, {_as_json('attributes')}, digest, %s, %s "
            f"FROM {PLANNED} WHERE plan = %s AND kind = %s",
            [
                database_id(source.pk),
                database_time(at),
                database_time(at),
                plan,
                Change.NEW.value,
            ],
        )


def _as_json(column: str) -> str:
    return f"{column}::jsonb" if connection.vendor == "postgresql" else column
