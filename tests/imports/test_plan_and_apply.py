"""A file becomes a plan, and all of the confirmed plan is applied."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.imports import actions, queries
from accounts.imports.actions import WrongState
from accounts.imports.states import Change, State
from accounts.models import Identity, Job, SourceAccount
from tests.factories.imports import accounts_of, apply, bring, make_source, plan, rows, upload, work

pytestmark = pytest.mark.django_db

FIRST = rows(
    "SA-001,audit01,admin@company.com,Monthly audit",
    "SA-002,backup01,ops@company.com,Backups",
    "SA-003,report01,ops@company.com,",
)


def test_nothing_changes_until_the_plan_is_confirmed(ada: Identity) -> None:
    source = make_source()
    run = plan(source, FIRST, by=ada)
    assert (run.state, run.scanned, run.new, run.changed, run.missing, run.rejected) == (
        State.PLANNED,
        3,
        3,
        0,
        0,
        0,
    )
    assert accounts_of(source) == {}
    apply(run, by=ada)
    assert run.state == State.APPLIED
    assert accounts_of(source)["SA-001"] == {
        "id": "SA-001",
        "name": "audit01",
        "e-mail": "admin@company.com",
        "purpose": "Monthly audit",
    }
    assert accounts_of(source)["SA-003"] == {
        "id": "SA-003",
        "name": "report01",
        "e-mail": "ops@company.com",
    }
    source.refresh_from_db()
    assert source.account_count == 3
    assert source.status == "healthy"
    names = Event.objects.filter(subject_type="import").order_by("id")
    assert [e.action for e in names] == ["import.uploaded", "import.planned", "import.applied"]


def test_the_same_file_again_changes_nothing() -> None:
    source = make_source()
    bring(source, FIRST)
    before = dict(SourceAccount.objects.values_list("native_identity", "changed_at"))
    run = bring(source, FIRST)
    assert (run.new, run.changed, run.unchanged, run.missing, run.removed) == (0, 0, 3, 0, 0)
    assert dict(SourceAccount.objects.values_list("native_identity", "changed_at")) == before


def test_rows_in_another_order_change_nothing() -> None:
    source = make_source()
    bring(source, FIRST)
    header, *lines = FIRST.splitlines()
    run = bring(source, "\n".join([header, *reversed(lines)]))
    assert (run.new, run.changed, run.unchanged, run.missing) == (0, 0, 3, 0)


def test_columns_in_another_order_change_nothing() -> None:
    source = make_source()
    bring(source, FIRST)
    mixed = rows(
        "Monthly audit,SA-001,audit01,admin@company.com",
        "Backups,SA-002,backup01,ops@company.com",
        ",SA-003,report01,ops@company.com",
        header="purpose,ID , Name,E-Mail",
    )
    run = bring(source, mixed)
    assert (run.new, run.changed, run.unchanged, run.missing) == (0, 0, 3, 0)


def test_a_plan_says_what_is_new_what_differs_and_what_is_missing() -> None:
    source = make_source(threshold=50)
    bring(source, FIRST)
    run = plan(
        source,
        rows(
            "SA-004,new01,new@company.com,New",
            "SA-001,audit01,owner@company.com,",
            "SA-002,backup01,ops@company.com,Backups",
        ),
    )
    assert (run.scanned, run.new, run.changed, run.unchanged, run.missing) == (3, 1, 1, 1, 1)
    (new,) = queries.changes(run, Change.NEW)
    assert (new.line, new.native_identity, new.values["purpose"]) == (2, "SA-004", "New")
    (changed,) = queries.changes(run, Change.CHANGED)
    assert changed.line == 3
    assert [(d.attribute, d.before, d.after) for d in changed.differences] == [
        ("e-mail", "admin@company.com", "owner@company.com"),
        ("purpose", "Monthly audit", None),
    ]
    (missing,) = queries.changes(run, Change.MISSING)
    assert (missing.native_identity, missing.name) == ("SA-003", "report01")
    apply(run)
    assert set(accounts_of(source)) == {"SA-001", "SA-002", "SA-004"}
    assert run.removed == 1
    # and it can still be read what was changed
    (changed,) = queries.changes(run, Change.CHANGED)
    assert changed.differences[0].before == "admin@company.com"


def test_merge_only_removes_nothing() -> None:
    source = make_source()
    bring(source, FIRST)
    run = bring(source, rows("SA-009,new09,x@company.com,"), mode="merge_only")
    assert (run.new, run.missing, run.removed, run.decision) == (1, 3, 0, "merge_only")
    assert set(accounts_of(source)) == {"SA-001", "SA-002", "SA-003", "SA-009"}


def test_a_plan_for_accounts_that_changed_since_is_made_again_and_waits() -> None:
    source = make_source()
    first = plan(source, FIRST, mode="merge_only")
    second = plan(source, rows("SA-009,new09,x@company.com,"))
    apply(first)
    seen = second.plan
    apply(second)
    assert second.state == State.HELD
    assert second.planned_again
    assert second.plan != seen
    assert (second.new, second.missing) == (1, 3)
    assert set(accounts_of(source)) == {"SA-001", "SA-002", "SA-003"}


def test_rows_of_a_plan_that_a_crash_lost_are_made_again() -> None:
    source = make_source()
    run = plan(source, FIRST)
    queries.changes(run, Change.NEW).delete()
    apply(run)
    assert (run.state, run.planned_again, run.new) == (State.PLANNED, True, 3)
    apply(run)
    assert len(accounts_of(source)) == 3


def test_one_confirms_the_plan_that_one_has_seen(ada: Identity) -> None:
    run = plan(make_source(), FIRST)
    with pytest.raises(WrongState):
        actions.confirm(by=ada, import_run=run, plan=(run.plan or 0) + 1, at=timezone.now())


def test_a_plan_is_confirmed_once(ada: Identity) -> None:
    run = plan(make_source(), FIRST)
    actions.confirm(by=ada, import_run=run, at=timezone.now())
    with pytest.raises(WrongState):
        actions.confirm(by=ada, import_run=run, at=timezone.now())
    assert Job.objects.filter(kind="import.apply").count() == 1


def test_what_is_given_up_leaves_no_trace_in_the_accounts(ada: Identity) -> None:
    source = make_source()
    run = plan(source, FIRST)
    actions.cancel(by=ada, import_run=run, at=timezone.now())
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    with pytest.raises(WrongState):
        actions.cancel(by=ada, import_run=run, at=timezone.now())
    assert accounts_of(source) == {}


def test_a_waiting_job_is_cancelled_with_its_import(ada: Identity) -> None:
    run = upload(make_source(), FIRST)
    actions.cancel(by=ada, import_run=run, at=timezone.now())
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert Job.objects.get().state == "cancelled"


def test_a_second_import_of_a_source_waits_for_the_first() -> None:
    from accounts.jobs.actions import AlreadyRunning

    source = make_source()
    first = upload(source, FIRST)
    with pytest.raises(AlreadyRunning):
        upload(source, FIRST)
    assert work(first).state == State.PLANNED
    upload(source, FIRST)
