"""Imports that nobody has to confirm: nothing would change, every row is bad, a newer file came."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.imports import actions, queries
from accounts.imports.actions import NothingAccepted
from accounts.imports.states import Change, State
from accounts.models import Identity, ImportRun, Source
from tests.factories.imports import accounts_of, apply, bring, make_source, plan, rows, upload, work

pytestmark = pytest.mark.django_db

LINES = ("SA-001,audit01,a@company.com,One", "SA-002,backup02,b@company.com,Two")
FIRST = rows(*LINES)
SECOND = rows(*LINES, "SA-003,report03,c@company.com,Three")
BAD = rows(",audit01,a@company.com,", "SA-002,,a@company.com,")


def waiting(source: Source) -> list[str]:
    return list(source.import_runs.unfinished().values_list("file_name", flat=True))


def test_a_file_that_changes_nothing_is_done_by_itself_and_noted() -> None:
    source = make_source()
    bring(source, FIRST)
    assert plan(source, BAD).state == State.FAILED
    run = plan(source, FIRST)
    assert (run.state, run.unchanged, run.removed) == (State.APPLIED, 2, 0)
    assert run.finished_at is not None
    source.refresh_from_db()
    assert (source.failure, source.failing_since) == ("", None)
    assert source.healthy_since is not None
    event = Event.objects.get(action="import.unchanged")
    assert (event.detail["unchanged"], event.detail["sha256"]) == (2, run.sha256)
    assert waiting(source) == []


@pytest.mark.parametrize("deletion_disabled", [True, False])
def test_missing_accounts_that_stay_change_nothing(deletion_disabled: bool) -> None:
    source = make_source(deletion_disabled=deletion_disabled)
    bring(source, FIRST)
    run = plan(source, rows(LINES[0]), mode="full" if deletion_disabled else "merge_only")
    assert (run.state, run.missing, run.removed) == (State.APPLIED, 1, 0)
    assert len(accounts_of(source)) == 2


def test_what_removes_an_account_waits() -> None:
    source = make_source()
    bring(source, FIRST)
    run = plan(source, rows(LINES[0]))
    assert (run.state, run.changes) == (State.PLANNED, 1)


def test_a_held_import_that_keeps_what_is_missing_and_does_nothing_else_is_done(
    ada: Identity,
) -> None:
    source = make_source()
    bring(source, SECOND)
    run = plan(source, rows(LINES[0]))
    assert run.state == State.HELD
    run = actions.keep_missing(by=ada, import_run=run, at=timezone.now())
    assert (run.state, run.removed) == (State.APPLIED, 0)
    assert len(accounts_of(source)) == 3


def test_a_file_without_one_good_row_fails_and_its_rows_can_be_seen(ada: Identity) -> None:
    source = make_source()
    run = plan(source, BAD)
    assert (run.state, run.rejected, run.accepted) == (State.FAILED, 2, 0)
    assert run.failure_reason == "nothing_accepted"
    assert queries.rejected(run).count() == 2
    source.refresh_from_db()
    assert source.failure.startswith("No row could be taken.")
    # waiting from a time when such a plan did
    ImportRun.objects.filter(pk=run.pk).update(state=State.PLANNED, finished_at=None)
    with pytest.raises(NothingAccepted):
        actions.confirm(by=ada, import_run=run, at=timezone.now())


def test_after_the_schema_was_mended_its_plan_is_made_again(ada: Identity) -> None:
    run = plan(make_source(), BAD)
    actions.plan_again(by=ada, import_run=run, at=timezone.now())
    assert work(run).state == State.FAILED
    assert queries.rejected(run).count() == 2


def test_a_newer_file_takes_the_place_of_a_plan_that_waits() -> None:
    source = make_source()
    old = plan(source, FIRST, file_name="old.csv")
    new = plan(source, SECOND, file_name="new.csv")
    old.refresh_from_db()
    assert (old.state, old.failure) == (State.CANCELLED, "A newer file took its place: new.csv.")
    assert waiting(source) == ["new.csv"]
    event = Event.objects.get(action="import.cancelled")
    assert (event.subject_id, event.reason) == (str(old.pk), old.failure)
    assert list(queries.superseded_by(new)) == [old]
    apply(new)
    assert len(accounts_of(source)) == 3


def test_a_newer_file_that_cannot_be_read_takes_no_place() -> None:
    source = make_source()
    old = plan(source, FIRST)
    for content in (BAD, "id,name\nA,b\n"):
        assert plan(source, content).state == State.FAILED
    old.refresh_from_db()
    assert old.state == State.PLANNED


def test_what_only_merges_and_what_was_let_off_stay(ada: Identity) -> None:
    source = make_source()
    part = plan(source, rows("SA-009,x09,,"), mode="merge_only", file_name="part.csv")
    assert plan(source, rows("SA-008,x08,,"), mode="merge_only").state == State.PLANNED
    bring(source, SECOND)
    held = plan(source, rows(LINES[0]), file_name="held.csv")
    actions.override(by=ada, import_run=held, reason="Retired", at=timezone.now())
    plan(source, FIRST, file_name="newest.csv")
    assert set(waiting(source)) >= {"part.csv", "held.csv", "newest.csv"}
    # the same file for the whole source says all of it
    plan(source, rows("SA-009,x09,,"), file_name="whole.csv")
    part.refresh_from_db()
    assert part.state == State.CANCELLED


def test_an_upload_that_waits_for_its_encoding_gives_way_too() -> None:
    source = make_source()
    unsure = upload(source, FIRST.encode() + "SA-4,Łódź,b,c\n".encode("cp1250"))
    assert unsure.state == State.UPLOADED
    run = plan(source, FIRST)
    assert queries.changes(run, Change.NEW).count() == 2
    unsure.refresh_from_db()
    assert unsure.state == State.CANCELLED
