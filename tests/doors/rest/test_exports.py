"""Lists as CSV files by our own API: the same files as those of the console."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Event, Identity
from tests.doors.rest import world
from tests.doors.rest.caller import Caller
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role
from tests.factories.tokens import make_token

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]
LISTS = {
    "/identities": ("/identities/export/", "identity.exported"),
    "/service-accounts": ("/service-accounts/export/", "service_account.exported"),
    "/groups": ("/groups/export/", "group.exported"),
    "/roles": ("/roles/export/", "role.exported"),
    "/requests": ("/requests/all/export/", "request.exported"),
    "/personal-access-tokens": (
        "/personal-access-tokens/export/",
        "personal_access_token.exported",
    ),
    "/sources": ("/sources/export/", "source.exported"),
    "/jobs": ("/jobs/export/", "job.exported"),
    "/audit": ("/audit/export/", "audit.exported"),
}
"""Each with its page, and what the log calls it."""


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def exported(caller: Caller, path: str, **query: str) -> list[dict[str, str]]:
    answer = caller.get(f"{path}/export", **query)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    return lines(answer.content)


@pytest.fixture
def filled(ada: Identity, otto: Identity) -> None:
    make_group("Readers")
    make_role("Reading")
    make_token(otto, "Nightly")
    world.job(ada)
    world.request(otto)
    make_account("=loader", owner=otto)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("path", LISTS)
def test_it_is_the_file_of_the_console_and_recorded(
    client_of: ClientOf, vera: Identity, path: str
) -> None:
    caller, (page, action) = Caller(vera), LISTS[path]
    caller.token()
    browser = client_of(vera)
    found = exported(caller, path)
    event = Event.objects.get(action=action)
    assert (event.actor_id, event.detail) == (str(vera.pk), {"filters": {}})
    assert event.credential_id is not None
    answer = browser.get(page)
    assert isinstance(answer, StreamingHttpResponse)
    same = lines(answer.getvalue())
    assert found, "an empty file shows nothing"
    assert list(found[0]) == list(same[0])
    assert {row["id"] for row in found} <= {row["id"] for row in same}
    assert not any(cell.startswith("=") for row in found for cell in row.values() if cell)


@pytest.mark.parametrize("path", LISTS)
def test_who_may_not_in_the_console_may_not_here(otto: Identity, path: str) -> None:
    refused = Caller(otto).get(f"{path}/export")
    assert refused.status_code == 403
    assert not Event.objects.filter(action=LISTS[path][1]).exists()


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        ("/identities", {"q": "otto"}, {"search": "otto"}),
        ("/service-accounts", {"status": "disabled"}, {"status": "disabled"}),
        ("/groups", {"q": "nothing-like-it"}, {"search": "nothing-like-it"}),
        ("/requests", {"state": "rejected"}, {"state": "rejected"}),
        ("/jobs", {"state": "cancelled"}, {"state": "cancelled"}),
        ("/audit", {"action": "group.created"}, {"action": "group.created"}),
    ],
)
def test_it_is_narrowed_as_the_list_is(
    admin: Caller, path: str, query: dict[str, str], told: dict[str, str]
) -> None:
    asked = dict(query)
    if path == "/requests":
        asked["show"] = "all"
    listed = [str(row["id"]) for row in admin.get(path, **asked, limit="200").json()["items"]]
    found = exported(admin, path, **query)
    assert sorted(row["id"] for row in found) == sorted(listed)
    assert Event.objects.get(action=LISTS[path][1]).detail == {"filters": told}


def test_a_page_is_not_asked_of_a_file(admin: Caller) -> None:
    for query in ({"limit": "5"}, {"cursor": "x"}, {"fields": "id"}, {"sort": "name"}):
        assert admin.get("/groups/export", **query).status_code == 422
    assert admin.send("GET", "/groups/export", accept="application/json").status_code == 406


def grow(number: int, ada: Identity, otto: Identity) -> None:
    make_role(f"role-{number}")
    make_group(f"group-{number}")
    make_person(f"person-{number}")
    make_account(f"account-{number}", owner=otto)
    make_token(make_person(f"holder-{number}"))
    world.request(world.person())
    world.job(ada)


@pytest.mark.parametrize("path", LISTS)
def test_many_rows_cost_as_many_statements_as_few(
    admin: Caller, ada: Identity, otto: Identity, path: str
) -> None:
    counts = []
    for more in (range(3), range(3, 12)):
        for number in more:
            grow(number, ada, otto)
        exported(admin, path)
        with CaptureQueriesContext(connection) as statements:
            exported(admin, path)
        counts.append(len(statements))
    assert counts[0] == counts[1]
