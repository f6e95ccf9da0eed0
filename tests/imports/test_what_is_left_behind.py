"""Files, plans and removed accounts: how much room they take, and when they go."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.imports import actions, upkeep
from accounts.imports.files import uploads
from accounts.imports.files.errors import FileRefused
from accounts.imports.files.uploads import NoRoom
from accounts.jobs import run as running
from accounts.jobs.actions import ask_to_cancel, recover_lost
from accounts.models import (
    Identity,
    ImportRun,
    Job,
    Plan,
    PlannedChange,
    RejectedRow,
    RemovedAccount,
    Source,
)
from accounts.sources import actions as sources
from tests.factories.imports import accounts_of, apply, bring, make_source, plan, rows, upload, work

pytestmark = pytest.mark.django_db

FILE = rows("SA-1,a,,", "SA-2,b,,", ",c,,")


def kept() -> list[Path]:
    return list(uploads.folder().iterdir())


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    for path in kept():
        path.unlink()


def test_a_file_is_kept_under_a_name_of_our_own_for_us_alone() -> None:
    run = upload(make_source(), FILE, file_name="C:\\secret\\..\\x/../../etc/pass\u202ewd.csv")
    (path,) = kept()
    assert (path.name, path.read_text()) == (run.stored_name, FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert run.file_name == "pass_wd.csv"
    assert len(run.sha256) == 64


def test_no_other_file_is_ever_opened() -> None:
    run = upload(make_source(), FILE)
    ImportRun.objects.update(stored_name="../secret_key")
    work(run)
    assert run.failure_reason == "file_gone"


def test_a_file_that_was_changed_on_the_disk_is_not_taken() -> None:
    run = upload(make_source(), FILE)
    (path,) = kept()
    path.write_text(FILE + "SA-9,x,,\n")
    assert work(run).failure_reason == "file_changed"


def test_too_large_a_file_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    with pytest.raises(FileRefused) as refused:
        upload(make_source(), FILE)
    assert refused.value.reason == "too_large"
    assert kept() == []


def test_there_is_room_for_so_much_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES_KEPT", len(FILE) + 5)
    upload(make_source(), FILE)
    with pytest.raises(NoRoom):
        upload(make_source("Other"), FILE)
    assert len(kept()) == 1


def test_plans_rejected_rows_and_files_go_in_time() -> None:
    source = make_source()
    run = bring(source, FILE)
    assert run.finished_at is not None
    upkeep.tidy(at=run.finished_at + timedelta(hours=2))
    assert (PlannedChange.objects.count(), RejectedRow.objects.count()) == (2, 1)
    upkeep.tidy(at=run.finished_at + timedelta(days=2))
    assert (PlannedChange.objects.count(), RejectedRow.objects.count()) == (0, 1)
    upkeep.tidy(at=run.finished_at + timedelta(days=31))
    assert (RejectedRow.objects.count(), Plan.objects.count(), kept()) == (0, 0, [])
    run.refresh_from_db()
    assert (run.state, run.new, run.stored_name) == ("applied", 2, "")


def test_plans_of_attempts_that_were_cut_off_go_and_the_one_that_counts_stays() -> None:
    run = plan(make_source(), FILE)
    orphan = Plan.objects.create(run_id=run.pk, begun_at=timezone.now())
    change = PlannedChange.objects.first()
    assert change is not None
    change.pk, change.plan = None, orphan.pk
    change.save()
    upkeep.tidy(at=timezone.now() + timedelta(hours=2))
    assert list(Plan.objects.values_list("pk", flat=True)) == [run.plan]
    assert PlannedChange.objects.count() == 2


def test_a_file_that_no_import_knows_goes() -> None:
    run = upload(make_source(), FILE)
    stray = uploads.store([b"cut off"])
    upkeep.tidy(at=timezone.now() + timedelta(hours=2))
    assert len(kept()) == 2
    upkeep.tidy(at=timezone.now() + timedelta(days=2))
    assert [path.name for path in kept()] == [run.stored_name]
    assert stray.name != run.stored_name


def test_what_nobody_confirms_is_given_up() -> None:
    run = plan(make_source(), FILE)
    upkeep.tidy(at=timezone.now() + timedelta(days=31))
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_removed_accounts_can_be_brought_back_for_thirty_days() -> None:
    source = make_source()
    bring(source, rows("SA-1,a,,", "SA-2,b,,"))
    bring(source, rows("SA-1,a,,"))
    upkeep.tidy(at=timezone.now() + timedelta(days=29))
    assert RemovedAccount.objects.get().native_identity == "SA-2"
    upkeep.tidy(at=timezone.now() + timedelta(days=31))
    assert not RemovedAccount.objects.exists()


def test_a_source_deleted_meanwhile_ends_its_imports_with_a_reason(ada: Identity) -> None:
    """RB-30."""
    source = make_source()
    planned, waiting = plan(source, FILE), upload(source, FILE)
    sources.delete(by=ada, source=source, at=timezone.now())
    work(waiting)
    assert (waiting.state, waiting.failure_reason) == ("failed", "source_gone")
    apply(planned)
    assert (planned.state, planned.failure_reason) == ("failed", "source_gone")
    assert accounts_of(source) == {}
    with pytest.raises(sources.SourceGone):
        upload(Source.objects.get(), FILE)


def test_a_plan_is_cancelled_in_the_middle_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, ada: Identity
) -> None:
    monkeypatch.setattr(running, "PROGRESS_SECONDS", 0)
    source = make_source()
    run = upload(source, FILE)
    real = running.Run.phase

    def phase(self: running.Run, text: str, *, total: int | None = None) -> None:
        if text == "Comparing":
            actions.cancel(by=ada, import_run=run, at=timezone.now())
        real(self, text, total=total)

    monkeypatch.setattr(running.Run, "phase", phase)
    work(run)
    assert (run.state, run.plan, run.job_id) == ("cancelled", None, None)
    assert Job.objects.get().state == "cancelled"
    monkeypatch.setattr(running.Run, "phase", real)
    bring(source, FILE)


def test_an_import_whose_worker_keeps_dying_fails_and_makes_room_for_the_next() -> None:
    source = make_source()
    run = upload(source, FILE)
    assert run.job_id is not None
    Job.objects.update(attempt=5, state="running", lease_until=timezone.now() - timedelta(days=1))
    recover_lost(at=timezone.now())
    run.refresh_from_db()
    assert run.state == "failed"
    assert "5" in run.failure
    bring(source, FILE)


def test_cancelling_its_job_cancels_an_import(ada: Identity) -> None:
    run = upload(make_source(), FILE)
    ask_to_cancel(by=SYSTEM, job=Job.objects.get(), at=timezone.now())
    run.refresh_from_db()
    assert run.state == "cancelled"
