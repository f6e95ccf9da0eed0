"""A bulk request tells what was done, also where the database fails halfway."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import Identity
from tests.doors.scim.caller import BULK, PATCH, Caller, replace, user
from tests.factories import make_person
from tests.oauth.program import Answer
from tokens.doors.scim import service, users
from tokens.doors.scim.storage import Changed, DirectoryStorage

pytestmark = pytest.mark.django_db

THREE = ("one", "two", "three")


def send(scim: Caller, *operations: dict[str, Any]) -> Answer:
    return scim.send("POST", "/Bulk", {"schemas": [BULK], "Operations": list(operations)})


def posts() -> list[dict[str, Any]]:
    return [{"method": "POST", "path": "/Users", "bulkId": n, "data": user(n)} for n in THREE]


def statuses(answer: Answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["status"] for each in answer.json()["Operations"]]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of those whom somebody tried to make; the database fails at those of `bad`."""
    names: list[str] = []
    create = users.create

    def failing(client: Identity, said: Any, at: Any) -> Identity:
        names.append(said.user_name)
        if said.user_name == "two":
            raise OperationalError("deadlock detected")
        return create(client, said, at)

    monkeypatch.setattr(users, "create", failing)
    return names


def lose(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lost:
        def is_usable(self) -> bool:
            return False

    monkeypatch.setattr(service, "connection", Lost())


def test_an_operation_that_the_database_fails_takes_no_other_with_it(
    scim: Caller, tried: list[str]
) -> None:
    answer = send(scim, *posts())

    assert statuses(answer) == ["201", "503", "201"]
    assert set(Identity.objects.people().values_list("user_name", flat=True)) == {"one", "three"}


def test_what_was_done_before_the_connection_was_lost_is_told(
    scim: Caller, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(monkeypatch)

    assert statuses(send(scim, *posts())) == ["201", "503", "503"]
    assert tried == ["one", "two"]


def test_where_nothing_was_done_the_whole_request_is_good_again(
    scim: Caller, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(monkeypatch)

    answer = send(scim, *posts()[1:])

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert not Identity.objects.people().exists()


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("version", [True, False])
def test_what_names_no_version_is_tried_again(
    scim: Caller, monkeypatch: pytest.MonkeyPatch, method: str, version: bool
) -> None:
    person, locked = make_person("pat"), DirectoryStorage._locked
    faster = [Changed(), Changed()]

    def beaten(self: DirectoryStorage, *said: Any) -> Any:
        if faster:
            raise faster.pop()
        return locked(self, *said)

    tag = scim.get(f"/Users/{person.pk}").json()["meta"]["version"]
    monkeypatch.setattr(DirectoryStorage, "_locked", beaten)
    data = {"schemas": [PATCH], "Operations": [replace("title", "Boss")]}
    if method == "PUT":
        data = user("pat", title="Boss", displayName="Pat")
    said = {"method": method, "path": f"/Users/{person.pk}", "data": data}

    answer = send(scim, said | ({"version": tag} if version else {}))

    assert statuses(answer) == (["412"] if version else ["200"])
    person.refresh_from_db()
    assert person.attributes.get("title") == (None if version else "Boss")
