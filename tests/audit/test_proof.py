"""The log is proved by its checkpoints: whatever is done to it behind our back shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.audit import triggers
from accounts.audit.actors import SYSTEM
from accounts.audit.proof import actions, exported, marks, queries, verifying
from accounts.audit.proof.jobs import KIND
from accounts.audit.record import record
from accounts.jobs.run import run_job
from accounts.models import AuditCheckpoint, AuditGap, AuditKey, Event, Identity, Job

pytestmark = pytest.mark.django_db


def write(many: int) -> list[int]:
    return [record("test.done", by=SYSTEM, detail={"n": n}).pk for n in range(many)]


@pytest.fixture
def events() -> list[int]:
    """Ten events in three checkpoints."""
    written = write(10)
    for most in (4, 4, 4):
        actions.make_next(at=timezone.now(), most=most)
    assert AuditCheckpoint.objects.count() == 3
    return written


def tamper(statement: str, *parameters: Any) -> None:
    """As somebody who has the database and takes the triggers off."""
    with connection.cursor() as cursor:
        for name in (triggers.NO_UPDATE, triggers.NO_DELETE):
            on = "" if connection.vendor == "sqlite" else f" ON {triggers.TABLE}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
        cursor.execute(statement, parameters)


def faults() -> list[str]:
    return verifying.verify().faults


def test_what_nobody_touched_is_as_it_was_written(events: list[int]) -> None:
    write(2)
    verdict = verifying.verify()
    assert (verdict.checkpoints, verdict.events, verdict.waiting) == (3, 10, 2)
    assert verdict.faults == []


def test_every_column_of_an_event_is_covered() -> None:
    assert set(marks.COLUMNS) == {field.attname for field in Event._meta.concrete_fields}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_label", "somebody else"),
        ("reason", "x"),
        ("detail", '{"n": 99}'),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("credential_label", "x"),
    ],
)
def test_a_changed_event_is_named(events: list[int], column: str, value: str) -> None:
    statement = f"UPDATE accounts_event SET {column} = %s WHERE id = %s"  # noqa: S608
    tamper(statement, value, events[5])
    assert faults() == [f"Event {events[5]} was changed."]


def test_a_removed_event_is_named(events: list[int]) -> None:
    tamper("DELETE FROM accounts_event WHERE id = %s", events[5])
    assert faults() == [f"Event {events[5]} is gone."]


def test_two_events_that_changed_places_are_named(events: list[int]) -> None:
    first, second = events[1], events[2]
    for old, new in ((first, 10**6), (second, first), (10**6, second)):
        tamper("UPDATE accounts_event SET id = %s WHERE id = %s", new, old)
    assert faults() == [f"Event {first} was changed.", f"Event {second} was changed."]


def place(number: int) -> None:
    """An event of this number, whatever the numbers of others are."""
    event = Event(pk=number, at=timezone.now(), action="test.done", actor_label="x")
    event.save(force_insert=True)


def test_an_event_that_was_put_in_between_is_named() -> None:
    now = timezone.now()
    place(10**6)
    place(10**6 + 5)
    actions.make_next(at=now)
    place(10**6 + 9)
    actions.make_next(at=now + actions.GAPS_STAY_OPEN + timedelta(seconds=1))
    assert faults() == []
    place(10**6 + 2)
    actions.make_next(at=now + 2 * actions.GAPS_STAY_OPEN)
    assert faults() == [f"Event {10**6 + 2} was added afterwards."]


def test_a_transaction_that_ends_late_is_sealed_late() -> None:
    """Its events have lower numbers than those that are sealed already."""
    now = timezone.now()
    place(10**6)
    place(10**6 + 9)
    actions.make_next(at=now)
    place(10**6 + 4)
    place(10**6 + 5)
    assert actions.make_next(at=now + timedelta(minutes=1)) == 2
    assert faults() == []
    waiting = AuditGap.objects.filter(first_id__gt=10**6).values_list("first_id", "last_id")
    assert set(waiting) == {(10**6 + 1, 10**6 + 3), (10**6 + 6, 10**6 + 8)}


def test_a_gap_that_somebody_adds_hides_no_event() -> None:
    now = timezone.now()
    place(10**6)
    place(10**6 + 5)
    actions.make_next(at=now - 2 * actions.GAPS_STAY_OPEN)
    place(10**6 + 9)
    actions.make_next(at=now - actions.GAPS_STAY_OPEN)
    place(10**6 + 2)
    AuditGap.objects.create(first_id=10**6 + 1, last_id=10**6 + 4, seen_at=now)
    assert actions.make_next(at=now) == 0
    assert faults() == [f"Event {10**6 + 2} was added afterwards."]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE accounts_auditcheckpoint SET many = 3 WHERE number = 2", "itself was changed"),
        ("UPDATE accounts_auditcheckpoint SET mac = digest WHERE number = 2", "not made by"),
        ("UPDATE accounts_auditcheckpoint SET previous = '' WHERE number = 2", "does not follow"),
        ("DELETE FROM accounts_auditcheckpoint WHERE number = 2", "one is missing"),
    ],
)
def test_a_checkpoint_that_was_changed_is_named(
    events: list[int], statement: str, said: str
) -> None:
    tamper(statement)
    assert any(said in fault for fault in faults())


def test_whoever_makes_a_checkpoint_without_the_secret_is_found(events: list[int]) -> None:
    """Event, mark and digest are made to fit; the code cannot be."""
    tamper("UPDATE accounts_event SET reason = 'x' WHERE id = %s", events[9])
    forged = AuditCheckpoint.objects.get(number=3)
    rows = marks.rows_in([(a, b) for a, b in forged.ranges])
    forged.marks = b"".join(map(marks.of_row, rows))
    forged.digest = actions.digest_of(forged)
    forged.mac = actions.mac_of(forged.digest, b"guessed")
    forged.save()
    assert faults() == ["Checkpoint 3 was not made by Steward."]


def test_a_log_that_was_cut_shows_by_a_checkpoint_kept_outside(events: list[int]) -> None:
    kept = exported.export(AuditCheckpoint.objects.get(number=3))
    tamper("DELETE FROM accounts_event WHERE id > %s", events[7])
    tamper("DELETE FROM accounts_auditcheckpoint WHERE number = 3")
    assert faults() == []
    found = verifying.verify(known=exported.read(kept.as_text()))
    assert found.faults == ["Checkpoint 3, which was kept outside, is gone: the log was cut."]


def test_a_log_that_was_written_anew_shows_by_a_checkpoint_kept_outside(
    events: list[int],
) -> None:
    """With the secret: only what is kept outside is left then."""
    kept = exported.export(AuditCheckpoint.objects.get(number=3))
    tamper("UPDATE accounts_event SET reason = 'x' WHERE id = %s", events[0])
    AuditCheckpoint.objects.all().delete()
    actions.make_next(at=timezone.now(), most=4)
    actions.make_next(at=timezone.now(), most=4)
    actions.make_next(at=timezone.now(), most=4)
    assert faults() == []
    found = verifying.verify(known=kept)
    assert ["rewritten" in fault for fault in found.faults] == [True]


def test_a_secret_that_does_not_open_is_told(events: list[int]) -> None:
    AuditKey.objects.update(blob=b"x" * 100)
    assert faults()[0].startswith("The secret that checkpoint 1 was made with does not open")


def test_nothing_new_makes_no_checkpoint(events: list[int]) -> None:
    assert actions.make_next(at=timezone.now()) == 0
    actions.make_due()
    assert AuditCheckpoint.objects.count() == 3


def test_a_verification_ends_where_nobody_reads_on() -> None:
    written = write(40)
    actions.make_due()
    tamper("UPDATE accounts_event SET reason = 'x' WHERE id >= %s", written[0])
    assert len(faults()) == verifying.MOST_FAULTS + 1


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"number": 1}', "9" * 5000, '{"a":' * 900, "null", "\x00"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(exported.BadCheckpoint):
        exported.read(text)


def test_an_auditor_verifies_and_downloads(
    vera: Identity, events: list[int], client_of: Callable[[Identity], Client]
) -> None:
    client = client_of(vera)
    kept = client.get("/audit/proof/checkpoint/")
    assert kept.headers["Content-Disposition"] == 'attachment; filename="audit-checkpoint-3.json"'
    answer = client.post("/audit/proof/", {"checkpoint": kept.content.decode()})
    assert answer.status_code == 302
    job = Job.objects.get(kind=KIND)
    run_job(job.pk)
    page = client.get("/audit/proof/").content.decode()
    assert "The log is as it was written" in page
    assert queries.last_verification() == job


def test_the_page_names_what_was_changed(
    vera: Identity, events: list[int], client_of: Callable[[Identity], Client]
) -> None:
    client = client_of(vera)
    tamper("UPDATE accounts_event SET reason = '<b>' WHERE id = %s", events[5])
    client.post("/audit/proof/")
    run_job(Job.objects.get(kind=KIND).pk)
    page = client.get("/audit/proof/").content.decode()
    assert f"Event {events[5]} was changed." in page
    assert "The log is not what was written" in page


def test_a_bad_checkpoint_is_explained_and_starts_nothing(
    vera: Identity, client_of: Callable[[Identity], Client]
) -> None:
    page = client_of(vera).post("/audit/proof/", {"checkpoint": '{"number": "x"}'})
    assert page.status_code == 200
    assert "This is no checkpoint" in page.content.decode()
    assert not Job.objects.exists()
    assert client_of(vera).get("/audit/proof/checkpoint/").status_code == 404


def test_who_may_not_read_the_log_proves_nothing(
    mallory: Identity, client_of: Callable[[Identity], Client]
) -> None:
    client = client_of(mallory)
    assert client.get("/audit/proof/").status_code == 403
    assert client.get("/audit/proof/checkpoint/").status_code == 403
    assert client.post("/audit/proof/").status_code == 403
