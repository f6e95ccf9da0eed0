"""`load-accounts`: an import whose plan is applied at once, and the task that tells of it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.imports.scheduled import TELL_OWNER
from accounts.imports.states import State
from accounts.models import Identity, ImportRun, Job, Source, SourceAccount
from tests.doors.sailpoint.caller import Caller, said
from tests.factories import make_person
from tests.factories.imports import accounts_of, bring, make_source, rows
from tests.factories.profiles import work
from tokens.doors.sailpoint import imports

pytestmark = pytest.mark.django_db

THREE = rows("SA-1,one,a@example.com,A", "SA-2,two,a@example.com,B", "SA-3,three,a@example.com,C")
ONE = rows("SA-1,one,a@example.com,A")


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


def load(caller: Caller, source: Source, content: str | bytes, **fields: str) -> dict[str, Any]:
    """Send a file, do the work, and answer the task as it is then."""
    data = content.encode() if isinstance(content, str) else content
    answer = caller.upload(f"/sources/v1/{source.pk}/load-accounts", data, **fields)
    assert answer.status_code == 202, answer.content
    task_id = answer.json()["task"]["id"]
    assert caller.get(f"/task-status/v1/{task_id}").json()["completionStatus"] is None
    work()
    ended: dict[str, Any] = caller.get(f"/task-status/v1/{task_id}").json()
    return ended


def test_a_file_is_imported_and_its_task_succeeds(caller: Caller, source: Source) -> None:
    task = load(caller, source, THREE)
    assert task["completionStatus"] == "SUCCESS"
    assert task["completed"] is not None
    assert task["percentComplete"] == 100
    assert task["messages"] == []
    assert task["uniqueName"].startswith("Cloud Account Aggregation")
    assert task["launcher"] == "ada"
    numbers = {k: task["attributes"][k] for k in ("total", "created", "updated", "deleted")}
    assert numbers == {"total": 3, "created": 3, "updated": 0, "deleted": 0}
    assert accounts_of(source).keys() == {"SA-1", "SA-2", "SA-3"}


def test_a_file_that_says_the_same_changes_nothing(caller: Caller, source: Source) -> None:
    load(caller, source, THREE)
    task = load(caller, source, THREE, disableOptimization="true")
    assert task["attributes"]["optimized"] == 3
    assert task["attributes"]["updated"] == 0


def test_more_missing_than_the_threshold_allows_changes_nothing_and_warns(
    caller: Caller, source: Source
) -> None:
    bring(source, THREE)
    task = load(caller, source, ONE)
    assert task["completionStatus"] == "WARNING"
    assert [m["key"] for m in task["messages"]] == ["delete_threshold_exceeded"]
    assert "2 accounts are missing" in task["messages"][0]["localizedText"]["message"]
    assert task["attributes"]["deleted"] == 0
    assert len(accounts_of(source)) == 3
    assert ImportRun.objects.get(state=State.HELD).source_id == source.pk
    told = Job.objects.get(kind=TELL_OWNER)  # somebody has to decide
    assert told.payload["what"] == "import_held"


def test_rows_that_are_not_taken_are_a_warning(caller: Caller, source: Source) -> None:
    task = load(caller, source, rows("SA-1,one,a@example.com,A", ",nobody,a@example.com,B"))
    assert task["completionStatus"] == "WARNING"
    assert task["attributes"]["ignored"] == 1
    assert [m["key"] for m in task["messages"]] == ["rows_rejected"]
    assert list(accounts_of(source)) == ["SA-1"]


def test_a_file_of_which_nothing_can_be_taken_ends_in_an_error(
    caller: Caller, source: Source
) -> None:
    task = load(caller, source, rows(",nobody,a@example.com,B"))
    assert task["completionStatus"] == "ERROR"
    assert "No row could be taken" in task["messages"][0]["localizedText"]["message"]
    assert accounts_of(source) == {}


def test_columns_of_another_schema_end_in_an_error(caller: Caller, source: Source) -> None:
    task = load(caller, source, "id,other\n1,2\n")
    assert task["completionStatus"] == "ERROR"
    assert "lacks these columns" in task["messages"][0]["localizedText"]["message"]
    assert not Job.objects.filter(kind=TELL_OWNER).exists()  # who sent it sees it


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 a spreadsheet",
        "id,name\n1,Zo\xeb\n".encode("latin-1") + bytes(range(128, 160)),
    ],
)
def test_a_file_that_is_certainly_none_of_ours_is_refused_at_once(
    caller: Caller, source: Source, content: bytes
) -> None:
    answer = caller.upload(f"/sources/v1/{source.pk}/load-accounts", content)
    assert answer.status_code == 400, answer.content
    assert not ImportRun.objects.exists()


def test_a_file_that_is_sent_while_another_is_imported_is_refused(
    caller: Caller, source: Source
) -> None:
    path = f"/sources/v1/{source.pk}/load-accounts"
    assert caller.upload(path, THREE.encode()).status_code == 202
    answer = caller.upload(path, THREE.encode())
    assert answer.status_code == 409
    assert said(answer).startswith("This aggregation failed because the currently running")
    assert ImportRun.objects.count() == 1


def test_a_file_that_is_too_large_is_refused_before_it_is_kept(
    caller: Caller, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports.load_accounts, "most_bytes", 100)
    answer = caller.upload(f"/sources/v1/{source.pk}/load-accounts", b"x" * 10_000)
    assert answer.status_code == 413
    assert said(answer) == "The file is larger than 100\xa0bytes."
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("part", ["other", ""])
def test_the_file_stands_in_its_part(caller: Caller, source: Source, part: str) -> None:
    answer = caller.upload(f"/sources/v1/{source.pk}/load-accounts", b"id\n1\n", part=part)
    assert answer.status_code == 400
    answer = caller.send("POST", f"/sources/v1/{source.pk}/load-accounts", {})
    assert said(answer) == "Send the file as multipart/form-data."


def test_an_admin_of_some_sources_imports_to_their_own_alone(source: Source) -> None:
    nora = make_person("nora", levels=["source_subadmin"])
    own = make_source("Own")
    Source.objects.filter(pk=own.pk).update(owner=nora)
    caller = Caller(nora)
    listed = caller.get("/sources/v1").json()
    assert [each["name"] for each in listed] == ["Own"]
    answer = caller.upload(f"/sources/v1/{source.pk}/load-accounts", THREE.encode())
    assert answer.status_code == 404
    assert load(caller, own, THREE)["completionStatus"] == "SUCCESS"


def test_all_accounts_are_removed_by_a_task(caller: Caller, source: Source) -> None:
    bring(source, THREE)
    answer = caller.send("POST", f"/sources/v1/{source.pk}/remove-accounts")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["type"], told["name"]) == ("TASK_RESULT", None)
    work()
    task = caller.get(f"/task-status/v1/{told['id']}").json()
    assert task["completionStatus"] == "SUCCESS"
    assert task["attributes"] == {"removed": 3}
    assert not SourceAccount.objects.exists()
