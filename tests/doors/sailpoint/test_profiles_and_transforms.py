"""Identity profiles, their preview and processing, and transforms over the door."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, IdentityProfile, Job, Transform
from accounts.profiles import library
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process, work

pytestmark = pytest.mark.django_db

UPPER = {"name": "Shout", "type": "upper", "attributes": {}}


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


@pytest.fixture
def profile(db: None) -> IdentityProfile:
    source = make_source()
    bring(source, rows("SA-1,audit01,audit@example.com,Reports"))
    return make_profile(source)


def test_a_profile_is_told_in_the_vendors_words(caller: Caller, profile: IdentityProfile) -> None:
    [told] = caller.get("/identity-profiles/v1").json()
    assert told["authoritativeSource"]["name"] == "Service Accounts"
    assert (told["identityRefreshRequired"], told["identityCount"]) == (True, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["created"])
    mapped = told["identityAttributeConfig"]["attributeTransforms"]
    assert [row["identityAttributeName"] for row in mapped][:2] == ["uid", "email"]
    process(profile)
    told = caller.get(f"/identity-profiles/v1/{profile.pk}").json()
    assert (told["identityRefreshRequired"], told["identityCount"]) == (False, 1)
    assert caller.get("/identity-profiles/v1/nothing").status_code == 404


def test_apply_changes_is_a_task_and_makes_identities(
    caller: Caller, profile: IdentityProfile
) -> None:
    path = f"/identity-profiles/v1/{profile.pk}/process-identities"
    answer = caller.send("POST", path)
    assert (answer.status_code, answer.json()) == (202, {})
    assert caller.send("POST", path).status_code == 409
    [task] = caller.get("/task-status/v1", filters="completionStatus isnull").json()
    work()
    task = caller.get(f"/task-status/v1/{task['id']}").json()
    assert (task["completionStatus"], task["attributes"]["created"]) == ("SUCCESS", 1)
    assert caller.get("/task-status/v1", filters="completionStatus isnull").json() == []
    assert identity("audit01").email == "audit@example.com"


def preview(caller: Caller, person: Identity, **body: Any) -> Any:
    body = {"identityId": str(person.pk)} | body
    return caller.send("POST", "/identity-profiles/v1/identity-preview", body)


def test_a_preview_shows_what_mappings_would_make_and_saves_none(
    caller: Caller, profile: IdentityProfile
) -> None:
    process(profile)
    told = caller.get(f"/identity-profiles/v1/{profile.pk}").json()["identityAttributeConfig"]
    for row in told["attributeTransforms"]:
        if row["identityAttributeName"] == "lastname":
            row["transformDefinition"]["attributes"]["attributeName"] = "purpose"
    answer = preview(caller, identity("audit01"), identityAttributeConfig=told)
    assert answer.status_code == 200, answer.content
    seen = {each["name"]: each for each in answer.json()["previewAttributes"]}
    assert seen["lastname"]["value"] == "Reports"
    assert seen["lastname"]["previousValue"] == "audit01"
    assert identity("audit01").last_name == "audit01"
    told["attributeTransforms"][0]["transformDefinition"]["attributes"]["sourceName"] = "Gone"
    assert preview(caller, identity("audit01"), identityAttributeConfig=told).status_code == 400
    assert preview(caller, identity("audit01"), identityAttributeConfig=3).status_code == 400
    assert preview(caller, make_person("otto")).status_code == 400


def test_a_transform_is_made_changed_and_deleted(caller: Caller) -> None:
    made = caller.send("POST", "/transforms/v1", UPPER)
    assert made.status_code == 201, made.content
    path = f"/transforms/v1/{made.json()['id']}"
    assert caller.get(path).json() == made.json()
    assert caller.get("/transforms/v1", name="Shout").json() == [made.json()]
    changed = UPPER | {"attributes": {"input": {"type": "trim", "attributes": {}}}}
    answer = caller.send("PUT", path, changed)
    assert answer.json()["attributes"]["input"]["type"] == "trim"
    for wrong in ({"type": "lower"}, {"name": "Other"}, {"type": "nothing"}, {"attributes": 3}):
        assert caller.send("PUT", path, UPPER | wrong).status_code == 400, wrong
    assert caller.send("POST", "/transforms/v1", UPPER).status_code == 400
    assert caller.send("DELETE", path).status_code == 204
    assert caller.send("DELETE", path).status_code == 404


def test_a_built_in_transform_stays_as_it_is(caller: Caller) -> None:
    made = library.create(by=SYSTEM, name="Own", definition=UPPER, at=timezone.now())
    Transform.objects.filter(pk=made.pk).update(built_in=True)
    [told] = caller.get("/transforms/v1", filters='internal eq true and name eq "Own"').json()
    assert told["internal"] is True
    assert caller.send("DELETE", f"/transforms/v1/{made.pk}").status_code == 400
    assert (
        caller.send("PUT", f"/transforms/v1/{made.pk}", UPPER | {"name": "Own"}).status_code == 400
    )


def test_somebody_sees_the_tasks_that_they_see_as_jobs(caller: Caller) -> None:
    source = make_source()
    bring(source, rows("SA-1,one,a@example.com,A"))
    assert Job.objects.count() == 2
    [task] = caller.get("/task-status/v1").json()
    nora = Caller(make_person("nora", levels=["helpdesk"]))
    assert nora.get("/task-status/v1").json() == []
    assert nora.get(f"/task-status/v1/{task['id']}").status_code == 404
    found = caller.get("/task-status/v1", filters=f'sourceId eq "{source.pk}"').json()
    assert [each["id"] for each in found] == [task["id"]]
    assert caller.get("/task-status/v1", filters='type eq "ACCOUNT_DELETION"').json() == []
