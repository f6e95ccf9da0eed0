"""Tasks are found by how they ended, just as each of them says it did."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from accounts.imports import states as imports
from accounts.jobs.states import FINISHED, State
from accounts.models import Identity, ImportRun, Job, Processing, Source
from accounts.profiles.processing import states as processings
from tests.doors.sailpoint.caller import Caller, said
from tests.factories.imports import make_source, rows
from tests.factories.profiles import make_profile, work

pytestmark = pytest.mark.django_db

WAYS = ("SUCCESS", "WARNING", "ERROR", "TERMINATED")


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


def make_job(kind: str, state: str, payload: dict[str, Any], result: dict[str, Any]) -> None:
    at = timezone.now()
    Job.objects.create(
        kind=kind,
        state=state,
        payload=payload,
        result=result,
        asked_by_id="",
        asked_by="System",
        created_at=at,
        not_before=at,
        finished_at=at if state in FINISHED else None,
    )


def make_tasks() -> int:
    """Tasks of every kind in every state; answers how many."""
    at = timezone.now()
    for state, decision, rejected in product(
        imports.State, (imports.Decision.REMOVE, imports.Decision.EXCEEDED), (0, 2)
    ):
        made = ImportRun.objects.create(
            source=make_source(f"{state} {decision} {rejected}"),
            state=state,
            decision=decision,
            rejected=rejected,
            uploaded_at=at,
            finished_at=at if state in imports.FINISHED else None,
        )
        make_job("import.plan", State.SUCCEEDED, {"import": str(made.pk)}, {})
    for phase, in_error in product(processings.State, (0, 2)):
        begun = Processing.objects.create(
            profile=make_profile(make_source(f"{phase} {in_error}")),
            state=phase,
            in_error=in_error,
            asked_at=at,
            finished_at=at if phase in processings.FINISHED else None,
        )
        payload = {"processing": str(begun.pk)}
        make_job("identity_processing.plan", State.SUCCEEDED, payload, {})
    results: list[dict[str, Any]] = [{}, {"problems": []}, {"problems": ["nobody"]}]
    for ended, result in product(State, results):
        make_job("identity.invite", ended, {}, result)
    for ended in State:
        make_job("source.remove_accounts", ended, {}, {})
    return Job.objects.count()


def statuses(caller: Caller, filters: str) -> dict[str, str | None]:
    answer = caller.get("/task-status/v1", filters=filters)
    assert answer.status_code == 200, answer.content
    return {task["id"]: task["completionStatus"] for task in answer.json()}


def test_a_filter_finds_what_says_so_of_itself(caller: Caller) -> None:
    count = make_tasks()
    answer = caller.get("/task-status/v1")
    told = {task["id"]: task["completionStatus"] for task in answer.json()}
    assert len(told) == count
    assert set(told.values()) == {None, *WAYS}

    def telling(*wanted: str | None) -> dict[str, str | None]:
        return {task: status for task, status in told.items() if status in wanted}

    for way in WAYS:
        assert statuses(caller, f'completionStatus eq "{way}"') == telling(way)
    assert statuses(caller, "completionStatus isnull") == telling(None)
    assert statuses(caller, "not completionStatus isnull") == telling(*WAYS)
    both = 'completionStatus in ("ERROR", "TERMINATED", "TEMPERROR")'
    assert statuses(caller, both) == telling("ERROR", "TERMINATED")
    assert statuses(caller, f"not ({both})") == telling(None, "SUCCESS", "WARNING")


def test_a_task_names_the_source_that_it_is_about(caller: Caller) -> None:
    source = make_source()
    content = rows("SA-1,one,a@example.com,A").encode()
    caller.upload(f"/sources/v1/{source.pk}/load-accounts", content)
    work()
    [task] = caller.get("/task-status/v1", filters=f'sourceId eq "{source.pk}"').json()
    assert task["target"] == {"type": "APPLICATION", "id": str(source.pk), "name": source.name}
    assert task["completionStatus"] == "SUCCESS"
    assert statuses(caller, 'type eq "IDENTITY_REFRESH"') == {}


def test_the_task_of_a_source_that_is_deleted_is_told_as_a_reference(caller: Caller) -> None:
    source = make_source()
    answer = caller.send("DELETE", f"/sources/v1/{source.pk}")
    assert answer.status_code == 202
    assert answer.json() == {"type": "TASK_RESULT", "id": str(source.pk), "name": None}
    assert not Source.objects.existing().exists()


def test_other_operators_are_refused(caller: Caller) -> None:
    answer = caller.get("/task-status/v1", filters='completionStatus co "S"')
    assert (answer.status_code, said(answer)[:28]) == (400, "filters: “completionStatus” ")
