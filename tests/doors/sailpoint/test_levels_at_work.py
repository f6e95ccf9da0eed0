"""What the table opens to a level, it gets: every operation, every level of it, on real objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import LEVELS
from accounts.authorization.policies import NotAllowed
from accounts.models import Identity, IdentityProfile, Job, Processing, Source, SourceAccount
from accounts.profiles import library
from accounts.profiles.processing import actions
from tests.doors.sailpoint.caller import Caller
from tests.doors.sailpoint.test_rights import ROWS
from tests.factories import make_person
from tests.factories.imports import HEADER, bring, make_source, rows
from tests.factories.profiles import identity, make_profile, plan, process, work
from tests.factories.tokens import make_token
from tests.oauth.program import Answer
from tokens.doors.sailpoint.sources import schema_id_of

pytestmark = pytest.mark.django_db

PATCH = "application/json-patch+json"
STATIC = {"name": "Fixed", "type": "static", "attributes": {"value": "a"}}
OWN = {"source_subadmin"}
"""Levels that see the sources that they own, and no others."""


@dataclass(frozen=True)
class World:
    """Something of each kind."""

    by: Identity
    source: Source
    spare: Source
    profile: IdentityProfile
    audit: Identity
    """A service account that came from the source."""
    other: Identity


def world_of(level: str) -> World:
    by = make_person("nora", levels=[] if level == "user" else [level])
    source = make_source()
    bring(source, rows("SA-1,audit01,audit@example.com,Reports"))
    profile = make_profile(source)
    process(profile)
    spare = make_source("Spare")
    if level in OWN:
        Source.objects.update(owner=by)
    return World(by, source, spare, profile, identity("audit01"), make_person("otto"))


def ids(world: World) -> dict[str, str]:
    """What stands in addresses, made where the world has none."""
    now = timezone.now()
    kept = STATIC | {"name": "Kept"}
    transform = library.create(by=SYSTEM, name="Kept", definition=kept, at=now)
    task = Job.objects.create(
        kind="identity.invite",
        asked_by_id=world.by.actor_id,
        asked_by="nora",
        created_at=now,
        not_before=now,
    )
    return {
        "source_id": str(world.source.pk),
        "schema_id": str(schema_id_of(world.source)),
        "account_id": str(SourceAccount.objects.get().pk),
        "identity_id": str(world.other.pk),
        "profile_id": str(world.profile.pk),
        "transform_id": str(transform.pk),
        "client_id": str(world.audit.pk),
        "token_id": make_token(world.by, "Mine", scopes=["sp:scopes:default"]).client_id,
        "task_id": str(task.pk),
    }


def change(path: str, value: Any) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": path, "value": value}]


def soon() -> str:
    return (timezone.now() + timedelta(days=7)).isoformat()


BODIES: dict[str, Callable[[World, dict[str, str]], Any]] = {
    "createPersonalAccessToken": lambda world, ids: {
        "name": "Another",
        "scope": ["sp:scopes:all"],
        "expirationDate": soon(),
    },
    "patchPersonalAccessToken": lambda world, ids: change("/name", "Renamed"),
    "bulkUpdatePersonalAccessTokens": lambda world, ids: {
        "ids": [ids["token_id"]],
        "patch": change("/expirationDate", soon()),
    },
    "patchAuthUser": lambda world, ids: change("/capabilities", ["HELPDESK"]),
    "createSource": lambda world, ids: {"name": "Made", "connector": "delimited-file"},
    "updateSource": lambda world, ids: change("/description", "Changed"),
    "startIdentitiesInvite": lambda world, ids: {"ids": [str(world.audit.pk)]},
    "startIdentityProcessing": lambda world, ids: {"identityIds": [str(world.audit.pk)]},
    "generateIdentityPreview": lambda world, ids: {"identityId": str(world.audit.pk)},
    "createTransform": lambda world, ids: STATIC,
    "updateTransform": lambda world, ids: STATIC | {"name": "Kept", "attributes": {"value": "b"}},
}
BODIES["bulkPatchPersonalAccessTokens"] = BODIES["bulkUpdatePersonalAccessTokens"]
FILES = {
    "importAccounts": rows("SA-1,audit01,new@example.com,Reports"),
    "importAccountsSchema": HEADER,
}
QUERIES = {"listPersonalAccessTokens": {"owner-id": "me"}}


def do(world: World, row: dict[str, str]) -> Answer:
    known = ids(world)
    if row["operation"] in ("deleteSource", "importAccountsSchema"):
        known["source_id"] = str(world.spare.pk)  # the other one is in use
    path = row["path"].format(**known)
    caller = Caller(world.by)
    if row["operation"] in FILES:
        return caller.upload(path, FILES[row["operation"]].encode())
    if row["method"] == "GET":
        return caller.get(path, **QUERIES.get(row["operation"], {}))
    body = BODIES[row["operation"]](world, known) if row["operation"] in BODIES else None
    is_patch = isinstance(body, list)
    return caller.send(
        row["method"], path, body, content_type=PATCH if is_patch else "application/json"
    )


def opened() -> list[tuple[dict[str, str], str]]:
    """Each operation with each level that the table opens it to; "Any" by who holds none."""
    by_name = {level.capability: code for code, level in LEVELS.items() if level.capability}
    by_name |= {"Any": "user", "USER": "user"}
    return [
        (row, by_name[name]) for row in ROWS for name in row["levels"].split() if name in by_name
    ]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("row", "level"), opened(), ids=[f"{row['operation']}-{level}" for row, level in opened()]
)
def test_a_level_gets_what_the_table_opens_to_it(row: dict[str, str], level: str) -> None:
    answer = do(world_of(level), row)
    assert 200 <= answer.status_code < 300, answer.content
    assert answer.content not in (b"[]", b"{}") or row["operation"] == "syncIdentityProfile"


@pytest.mark.parametrize("level", ["helpdesk", "role_subadmin"])
def test_who_looks_up_by_a_program_sees_no_more_elsewhere(
    level: str, client_of: Callable[[Identity], Any]
) -> None:
    world = world_of(level)
    assert Caller(world.by).get(f"/sources/v1/{world.source.pk}").status_code == 403
    browser = client_of(world.by)
    assert browser.get("/sources/").status_code == 403
    assert browser.get(f"/sources/{world.source.pk}/").status_code in (403, 404)
    assert not Source.objects.visible_to(world.by).exists()


def test_a_source_subadmin_lists_their_own_sources_only() -> None:
    world = world_of("source_subadmin")
    make_source("Another's")
    caller = Caller(world.by)
    assert [each["name"] for each in caller.get("/sources/v1").json()] == [
        "Service Accounts",
        "Spare",
    ]
    Source.objects.filter(pk=world.source.pk).update(owner=None)
    assert caller.get("/accounts/v1").json() == []


def process_by(caller: Caller, world: World) -> Answer:
    body = {"identityIds": [str(world.audit.pk)]}
    return caller.send("POST", "/identities/v1/process", body)


def test_what_helpdesk_has_processed_is_applied_and_its_task_is_theirs() -> None:
    world = world_of("helpdesk")
    bring(world.source, rows("SA-1,audit01,new@example.com,Reports"))
    caller = Caller(world.by)
    answer = process_by(caller, world)
    assert answer.status_code == 202, answer.content
    work()
    task = caller.get(f"/task-status/v1/{answer.json()['id']}").json()
    assert (task["completionStatus"], task["launcher"]) == ("SUCCESS", "nora")
    assert identity("audit01").email == "new@example.com"


def test_helpdesk_gives_up_no_plan_that_waits_for_somebody() -> None:
    world = world_of("helpdesk")
    bring(world.source, rows("SA-1,audit01,new@example.com,Reports"))
    waiting = plan(world.profile)
    assert waiting.state == "planned"
    assert process_by(Caller(world.by), world).status_code == 409
    waiting.refresh_from_db()
    assert waiting.state == "planned"
    assert Processing.objects.unfinished().get() == waiting


def test_helpdesk_decides_on_no_plan() -> None:
    world = world_of("helpdesk")
    with pytest.raises(NotAllowed):
        plan(world.profile, by=world.by)
    bring(world.source, rows("SA-1,audit01,new@example.com,Reports"))
    waiting = plan(world.profile)
    for act in (actions.confirm, actions.cancel):
        with pytest.raises(NotAllowed):
            act(by=world.by, processing=waiting, at=timezone.now())
