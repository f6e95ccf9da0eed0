"""Imports by our own API, from the file to the result."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.imports.files import uploads
from accounts.jobs.run import run_job
from accounts.models import Event, Identity, ImportRun, Job, Source
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_person
from tests.factories.imports import accounts_of, bring, make_source, plan, rows
from tests.oauth.program import Answer
from tokens.doors.rest import document

pytestmark = pytest.mark.django_db

THREE = rows("SA-1,one,a@example.com,A", "SA-2,two,a@example.com,B", "SA-3,three,a@example.com,C")
ONE = rows("SA-1,one,a@example.com,changed")


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    for path in uploads.folder().iterdir():
        path.unlink()


def upload(caller: Caller, source: Source, content: str, query: str = "", **more: Any) -> Answer:
    return caller.upload(f"/imports?source={source.pk}{query}", content.encode(), **more)


def work(caller: Caller, found: dict[str, Any]) -> dict[str, Any]:
    """The import after a worker did what there was to do."""
    run_job(UUID(found["job"]))
    read: dict[str, Any] = caller.get(f"/imports/{found['id']}").json()
    return read


def test_a_file_is_sent_looked_at_and_confirmed(admin: Caller, source: Source) -> None:
    made = upload(admin, source, THREE)
    assert made.status_code == 201, made.content
    path = f"/imports/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    assert (made.json()["state"], made.json()["file_name"]) == ("planning", "accounts.csv")
    planned = work(admin, made.json())
    assert (planned["state"], planned["new"], planned["missing"]) == ("planned", 3, 0)
    listed = admin.get(f"{path}/changes", kind="new", limit="2").json()
    assert [row["account_id"] for row in listed["items"]] == ["SA-1", "SA-2"]
    assert listed["items"][0]["attributes"]["purpose"] == "A"
    assert admin.post(f"{path}/confirm", {"plan": planned["plan"] + 1}).status_code == 409
    confirmed = admin.post(f"{path}/confirm", {"plan": planned["plan"]})
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "applying")
    applied = work(admin, confirmed.json())
    assert (applied["state"], applied["confirmed_by"]) == ("applied", admin.holder.label)
    assert accounts_of(source).keys() == {"SA-1", "SA-2", "SA-3"}
    again = admin.post(f"{path}/confirm", {"plan": planned["plan"]})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert [found["id"] for found in admin.get("/imports").json()["items"]] == [applied["id"]]


def test_what_changes_and_what_is_missing_is_told(admin: Caller, source: Source) -> None:
    bring(source, THREE)
    path = f"/imports/{plan(source, ONE).pk}"
    (changed,) = admin.get(f"{path}/changes", kind="changed").json()["items"]
    assert changed["differences"] == [{"attribute": "purpose", "before": "A", "after": "changed"}]
    missing = admin.get(f"{path}/changes", kind="missing").json()["items"]
    assert [row["account_id"] for row in missing] == ["SA-2", "SA-3"]
    assert fields(admin.get(f"{path}/changes")) == {"kind"}
    assert fields(admin.get(f"{path}/changes", kind="all")) == {"kind"}


def test_a_plan_that_removes_too_much_is_held_until_somebody_decides(
    admin: Caller, source: Source
) -> None:
    bring(source, THREE)
    held = work(admin, upload(admin, source, ONE, "&confirm=true").json())
    assert (held["state"], held["decision"], held["removable"]) == ("held", "exceeded", 1)
    path = f"/imports/{held['id']}"
    for body in ({}, {"reason": ""}, {"reason": "x" * 501}):
        assert fields(admin.post(f"{path}/override", body)) == {"reason"}
    blank = admin.post(f"{path}/override", {"reason": "  "})
    assert (blank.status_code, fields(blank)) == (422, {"reason"})
    let_off = admin.post(f"{path}/override", {"reason": "They are gone"}).json()
    assert (let_off["state"], let_off["override_reason"]) == ("planned", "They are gone")
    work(admin, admin.post(f"{path}/confirm", {"plan": let_off["plan"]}).json())
    assert accounts_of(source).keys() == {"SA-1"}


def test_what_is_missing_is_kept_if_wanted(admin: Caller, source: Source) -> None:
    bring(source, THREE)
    path = f"/imports/{plan(source, ONE).pk}"
    kept = admin.post(f"{path}/keep-missing")
    assert (kept.json()["state"], kept.json()["mode"]) == ("planned", "merge_only")
    assert admin.post(f"{path}/keep-missing").status_code == 409
    work(admin, admin.post(f"{path}/confirm", {"plan": kept.json()["plan"]}).json())
    assert len(accounts_of(source)) == 3


def test_rejected_rows_say_why(admin: Caller, source: Source) -> None:
    path = f"/imports/{plan(source, ONE + ',nobody,,' + chr(10)).pk}"
    (row,) = admin.get(f"{path}/rejected-rows").json()["items"]
    assert (row["line"], row["column"], row["content"]) == (3, "id", ["", "nobody", "", ""])
    assert row["reason"] == "The Account ID is empty."


def test_an_import_is_given_up_and_begun_again(admin: Caller, source: Source) -> None:
    first = upload(admin, source, THREE).json()
    busy = upload(admin, source, ONE)
    assert (busy.status_code, busy.json()["code"]) == (409, "already_running")
    cancelled = admin.post(f"/imports/{first['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert admin.post(f"/imports/{first['id']}/cancel").status_code == 409
    planned = work(admin, upload(admin, source, THREE).json())
    replanned = admin.post(f"/imports/{planned['id']}/plan-again")
    assert work(admin, replanned.json())["plan"] > planned["plan"]


def test_an_encoding_that_is_not_certain_is_chosen(admin: Caller, source: Source) -> None:
    content = THREE.encode() + "SA-4,Łukasz,,\n".encode("cp1250")
    made = admin.upload(f"/imports?source={source.pk}", content)
    assert made.json()["state"] == "uploaded", made.content
    path = f"/imports/{made.json()['id']}"
    assert fields(admin.post(f"{path}/choose-encoding", {"encoding": "ebcdic"})) == {"encoding"}
    chosen = admin.post(f"{path}/choose-encoding", {"encoding": "windows-1250"})
    assert chosen.json()["encoding"] == "windows-1250"
    assert work(admin, chosen.json())["new"] == 4
    told = admin.upload(f"/imports?source={source.pk}&encoding=windows-1250", content)
    assert told.json()["encoding"] == "windows-1250"


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", {"source"}),
        ("?source=x", {"source"}),
        (f"?source={uuid4()}", {"source"}),
        ("?source={source}&mode=all", {"mode"}),
        ("?source={source}&encoding=ebcdic", {"encoding"}),
        ("?source={source}&confirm=yes", {"confirm"}),
        ("?source={source}&force=true", {"force"}),
    ],
)
def test_what_is_to_be_done_with_a_file_is_clear(
    admin: Caller, source: Source, query: str, wrong: set[str]
) -> None:
    answer = admin.upload(f"/imports{query.format(source=source.pk)}", THREE.encode())
    assert answer.status_code == 422, answer.content
    assert fields(answer) == wrong
    assert not list(uploads.folder().iterdir())


def test_what_is_no_file_of_ours_is_refused_and_not_kept(
    admin: Caller, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/imports?source={source.pk}"
    assert admin.post(path, {"file": "x"}).status_code == 415
    assert admin.post(path).status_code == 415
    other = admin.upload(path, b"x", part="other")
    assert (other.status_code, fields(other)) == (422, {"file"})
    broken = admin.send("POST", path, "x", content_type="multipart/form-data")
    assert broken.status_code == 400
    for content in (b"", b"PK\x03\x04" + b"\0" * 100, b"\x00\x01" * 50):
        refused = admin.upload(path, content)
        assert (refused.status_code, fields(refused)) == (422, {"file"}), content
    assert not ImportRun.objects.exists()
    assert not list(uploads.folder().iterdir())


def test_a_file_of_a_source_that_reads_by_itself_is_not_taken(
    admin: Caller, source: Source
) -> None:
    body = {"name": "Directory", "connector": "ldap", "secrets": {"password": "x"}}
    config = {"host": "ldap.example.com", "bind_dn": "cn=r", "base_dn": "dc=example"}
    ldap = admin.post("/sources", body | {"config": config}).json()
    refused = admin.upload(f"/imports?source={ldap['id']}", THREE.encode())
    assert (refused.status_code, refused.json()["code"]) == (409, "not_taken")
    begun = admin.post("/imports/read", {"source": ldap["id"]})
    assert (begun.status_code, begun.json()["file_name"]) == (201, "")
    assert admin.post("/imports/read", {"source": str(source.pk)}).status_code == 409
    assert fields(admin.post("/imports/read", {"source": str(uuid4())})) == {"source"}


def test_who_only_sees_does_nothing(vera: Identity, ada: Identity, source: Source) -> None:
    run = plan(source, THREE)
    base = f"/imports/{run.pk}"
    stranger = Caller(make_person("cleo", levels=["source_subadmin"]))
    for caller, seen, refused in (
        (Caller(vera), 200, 403),
        (Caller(ada, ["steward:imports:read"]), 200, 403),
        (stranger, 404, 404),
    ):
        for path in (base, f"{base}/changes?kind=new", f"{base}/rejected-rows"):
            assert caller.get(path).status_code == seen
        assert caller.post(f"{base}/confirm", {"plan": run.plan}).status_code == refused
        assert caller.post(f"{base}/override", {"reason": "x"}).status_code == refused
        assert caller.post(f"{base}/choose-encoding", {"encoding": "utf-8"}).status_code == refused
        for verb in ("keep-missing", "plan-again", "cancel"):
            assert caller.post(f"{base}/{verb}").status_code == refused
        assert upload(caller, source, ONE).status_code in (403, 422)
    assert stranger.get("/imports").json()["items"] == []
    assert Caller(make_person("bea")).get("/imports").status_code == 403
    run.refresh_from_db()
    assert (run.state, ImportRun.objects.count()) == ("planned", 1)
    assert not list(Job.objects.exclude(pk=str(run.job_id)))


def test_an_owner_imports_to_their_own_source(source: Source) -> None:
    bea = make_person("bea", levels=["source_subadmin"])
    Source.objects.filter(pk=source.pk).update(owner=bea)
    caller = Caller(bea)
    planned = work(caller, upload(caller, source, THREE).json())
    confirmed = caller.post(f"/imports/{planned['id']}/confirm", {"plan": planned["plan"]})
    assert confirmed.status_code == 200
    assert Event.objects.get(action="import.uploaded").actor_id == str(bea.pk)


def test_an_upload_that_names_itself_is_done_once(admin: Caller, source: Source) -> None:
    first = upload(admin, source, THREE, idempotency_key="one")
    again = upload(admin, source, THREE, idempotency_key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    other = upload(admin, source, ONE, idempotency_key="one")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert ImportRun.objects.count() == 1
    assert len(list(uploads.folder().iterdir())) == 1


def test_a_large_file_is_taken_and_a_larger_one_is_not(
    admin: Caller, source: Source, settings: Any
) -> None:
    """Larger than any body of JSON may be."""
    lines = [f"SA-{number},name {number},,{'x' * 900}" for number in range(3000)]
    assert upload(admin, source, rows(*lines)).status_code == 201
    too_large = uploads.MOST_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    refused = admin.program.request(
        "POST",
        f"/api/v1/imports?source={source.pk}",
        b"",
        content_type="multipart/form-data; boundary=x",
        headers=admin.headers() | {"Content-Length": str(too_large)},
    )
    assert refused.status_code == 413
    assert refused.json()["code"] == "request_entity_too_large"


def test_the_list_is_narrowed(admin: Caller, source: Source) -> None:
    bring(source, THREE)
    other = plan(make_source("Other"), THREE)

    def ids(**query: str) -> list[str]:
        answer = admin.get("/imports", **query)
        assert answer.status_code == 200, answer.content
        return [found["id"] for found in answer.json()["items"]]

    assert len(ids()) == 2
    assert ids(source=str(other.source_id)) == [str(other.pk)]
    assert ids(state="planned") == [str(other.pk)]
    assert ids(source=str(uuid4())) == []
    for query in ({"state": "done"}, {"source": "x"}, {"sort": "id"}):
        assert fields(admin.get("/imports", **query)) == set(query)
    assert admin.get(f"/imports/{uuid4()}").status_code == 404


def test_many_imports_cost_as_many_statements_as_few(admin: Caller) -> None:
    admin.get("/imports")
    counts = []
    for until in (2, 6):
        for number in range(ImportRun.objects.count(), until):
            plan(make_source(f"Source {number}"), THREE)
        with CaptureQueriesContext(connection) as captured:
            assert len(admin.get("/imports").json()["items"]) == until
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_document_says_how_a_file_is_sent() -> None:
    found = document.openapi()["paths"]["/api/v1/imports"]["post"]
    assert list(found["requestBody"]["content"]) == ["multipart/form-data"]
    assert {"415", "507"} <= found["responses"].keys()
    assert {each["name"] for each in found["parameters"]} == {
        "source",
        "mode",
        "encoding",
        "confirm",
        "Idempotency-Key",
    }
