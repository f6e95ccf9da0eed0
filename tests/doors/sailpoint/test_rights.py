"""Who may call what: user level and scope, by the table of operations."""

from __future__ import annotations

import csv
import re
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.levels import LEVELS
from accounts.models import Identity
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_person
from tests.factories.tokens import make_token
from tests.oauth.program import Answer
from tokens.access_tokens import claims
from tokens.doors.sailpoint import operations
from tokens.doors.sailpoint.urls import VIEWS
from tokens.scopes.files import installed

pytestmark = pytest.mark.django_db

EVERYTHING, UNRELATED, NOTHING = "sp:scopes:all", "idn:tag:read", "sp:scopes:default"
WRITES = {"POST", "PUT", "PATCH"}


def table() -> list[dict[str, str]]:
    with operations.FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = table()


def bearer(person: Identity, *scopes: str) -> str:
    """An access token of these scopes, without the way through the token endpoint."""
    now = timezone.now()
    token = make_token(person, f"For {scopes[0]}"[:90], scopes=scopes)
    made = claims.new_claims(
        subject=person.pk,
        client_id=token.client_id,
        scopes=scopes,
        credential_id=token.token.pk,
        generation=0,
        now=now,
    )
    return claims.encode(made, now)


def call(person: Identity, row: dict[str, str], scope: str) -> Answer:
    """The operation, of an object that is not there, so that nothing is done."""
    path = re.sub(r"{\w+}", str(uuid4()), row["path"])
    caller = Caller(person, bearer=bearer(person, scope))
    return caller.send(row["method"], path, [] if row["method"] in WRITES else None)


def is_carried(scope: str, row: dict[str, str], capability: str) -> bool:
    """Whether a token of one scope reaches the operation, for a holder of one level."""
    held = {"USER", capability}
    needed = row["scopes"].split()
    if needed == [NOTHING]:
        return True
    for name in needed:
        found = installed().get(name)
        assert found is not None
        if scope in (name, found.parent, EVERYTHING) and found.levels & held:
            return True
    return False


@pytest.mark.sqlite
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("row", ROWS, ids=[row["operation"] for row in ROWS])
def test_level_and_scope_open_an_operation_together(row: dict[str, str], level: str) -> None:
    person = make_person("nora", levels=[level])
    capability = LEVELS[level].capability
    is_open = bool(set(row["levels"].split()) & {"Any", "USER", capability or "-"})
    scopes = dict.fromkeys([*row["scopes"].split(), EVERYTHING, UNRELATED])

    refused = {scope: "WWW-Authenticate" in call(person, row, scope).headers for scope in scopes}

    assert refused == {
        scope: not (is_open and is_carried(scope, row, capability)) for scope in scopes
    }


@pytest.mark.sqlite
def test_every_operation_of_the_table_has_its_view_and_the_other_way_round() -> None:
    assert {row["operation"] for row in ROWS} == VIEWS.keys()
    assert {row["levels_by"] for row in ROWS} == {"vendor", "steward"}


@pytest.mark.sqlite
@pytest.mark.parametrize("row", ROWS, ids=[row["operation"] for row in ROWS])
def test_every_level_of_an_operation_is_carried_by_one_of_its_scopes(row: dict[str, str]) -> None:
    """Else the table would open to a level what the catalogue of scopes keeps from it."""
    ours = {level.capability for level in LEVELS.values()} - {""}
    for capability in set(row["levels"].split()) & ours:
        assert any(is_carried(scope, row, capability) for scope in row["scopes"].split())


@pytest.mark.sqlite
def test_no_operation_names_a_level_that_nobody_here_can_hold() -> None:
    """The vendor's API among them: a refusal would tell the reader of the log to get it."""
    ours = {level.capability for level in LEVELS.values()} | {"Any", "USER"}
    named = {name for row in ROWS for name in row["levels"].split()}
    assert named - ours == operations.NOT_HERE
    assert all(one.levels and one.levels <= ours for one in operations.served().values())


def test_a_refusal_tells_the_log_what_refused_and_the_caller_which_scope_is_missing(
    ada: Identity,
) -> None:
    answer = Caller(ada, ["idn:tag:read"]).get("/sources/v1")
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert 'scope="idn:sources:read"' in answer.headers["WWW-Authenticate"]
    event = Event.objects.get(action="api.refused")
    assert "listSources needs idn:sources:read or idn:sources:manage" in event.reason
    assert event.reason.count("The token does not have this scope.") == 1


def test_a_level_that_is_missing_is_told_to_the_log_alone(otto: Identity) -> None:
    answer = Caller(otto).get("/sources/v1")
    assert answer.status_code == 403
    assert b"ORG_ADMIN" not in answer.content
    event = Event.objects.get(action="api.refused")
    assert "Admin" in event.reason
    assert event.detail["refused_by"] == "level"


def test_a_level_that_is_taken_away_stops_the_next_call(ada: Identity) -> None:
    nora = make_person("nora", levels=["source_admin"])
    caller = Caller(nora)
    assert caller.get("/sources/v1").status_code == 200
    nora.level_assignments.all().delete()
    assert caller.get("/sources/v1").status_code == 403
