"""What every operation asks for before it does anything, and how it refuses."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Event, Group, Identity
from tests.doors.rest.caller import BASE, Caller, fields
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group, make_role
from tests.oauth.program import Program
from tokens.edge import rate

pytestmark = pytest.mark.django_db

PROBLEM = {"type", "title", "status", "detail", "code", "request_id"}


def test_without_a_token_nothing_is_told() -> None:
    for path in ("/groups", "/service-accounts", "/openapi.json"):
        answer = Program().get(f"{BASE}{path}")
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")
        assert answer.json().keys() == PROBLEM


def test_a_token_without_the_scope_is_told_which_one_it_lacks(ada: Identity) -> None:
    reader = Caller(ada, ["steward:groups:read"])
    assert reader.get("/groups").status_code == 200
    for caller in (reader, Caller(ada, ["sp:scopes:all", "idn:sources:manage"])):
        answer = caller.post("/groups", {"name": "x"})
        assert answer.status_code == 403
        assert 'scope="steward:groups:manage"' in answer.headers["WWW-Authenticate"]
    assert not Group.objects.exists()
    event = Event.objects.filter(action="api.refused").latest("at")
    assert "create_group needs steward:groups:manage" in event.reason
    assert event.detail["refused_by"] == "scope"


def test_a_scope_to_manage_reads_as_well(ada: Identity) -> None:
    assert Caller(ada, ["steward:groups:manage"]).get("/groups").status_code == 200


def test_a_scope_gives_nothing_that_its_holder_may_not_do(otto: Identity) -> None:
    """And says so where the permissions behind it are known, before anything is looked at."""
    answer = Caller(otto, ["steward:groups:manage"]).post("/groups", {"name": "x"})
    assert answer.status_code == 403
    assert "insufficient_scope" not in answer.headers["WWW-Authenticate"]
    event = Event.objects.get(action="api.refused")
    assert "No level or role of the holder allows what it opens" in event.reason
    assert event.detail["refused_by"] == "level"


def test_a_role_lets_its_holder_call_until_it_is_gone(otto: Identity, ada: Identity) -> None:
    role = make_role("Sees groups", permissions=["group.view", "group.manage_own"])
    membership = join(make_group("Watchers", roles=[role]), otto)
    make_group("Others")
    caller = Caller(otto)
    assert len(caller.get("/groups").json()["items"]) == 2
    membership.delete()
    assert len(caller.get("/groups").json()["items"]) == 0


def test_a_service_account_calls_with_what_it_has_itself() -> None:
    made = make_account("loader", scopes=["steward:groups:read"])
    holder = Identity.objects.get_queryset().get(pk=made.account.pk)
    assert Caller(holder, ["steward:groups:read"]).get("/groups").status_code == 200
    own = Caller(holder, ["steward:service-accounts:read"]).get("/service-accounts").json()
    assert [account["name"] for account in own["items"]] == ["loader"]


def test_who_is_disabled_is_let_in_no_more(admin: Caller, ada: Identity) -> None:
    assert admin.get("/groups").status_code == 200
    Identity.objects.get_queryset().filter(pk=ada.pk).update(
        disabled_at=timezone.now(), disabled_by="somebody"
    )
    assert admin.get("/groups").status_code == 401


@pytest.mark.parametrize(
    "path", ["", "/", "/groups/", "/nothing", "/groups/7", "/groups/%00", "/groups/x/members"]
)
def test_an_address_that_is_not_served_is_no_page_and_leads_nowhere_else(
    admin: Caller, path: str
) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/")
    assert "Location" not in answer.headers


def test_a_method_that_is_not_served_is_told_which_are(admin: Caller) -> None:
    answer = admin.send("PUT", "/groups", {})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert answer.json().keys() == PROBLEM


def test_head_is_get_without_its_body(admin: Caller) -> None:
    answer = admin.send("HEAD", "/groups")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 10


def test_the_body_is_json_and_so_is_the_answer(admin: Caller) -> None:
    form = admin.send("POST", "/groups", {"name": "x"}, content_type="text/plain")
    assert form.status_code == 415
    assert admin.post("/groups").status_code == 415
    page = admin.program.get(f"{BASE}/groups", headers=admin.headers() | {"Accept": "text/html"})
    assert page.status_code == 406
    for kind in ("*/*", "application/*", "application/json", "text/html, */*;q=0.1"):
        found = admin.program.get(f"{BASE}/groups", headers=admin.headers() | {"Accept": kind})
        assert found.status_code == 200, kind


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"name": "x", "name": "y"}', 400),
        (b'{"name": NaN}', 400),
        (b'{"name": "a\\u0000"}', 422),
        (b'{"name": "a\\ud800"}', 422),
        (b'{"name": "\xff"}', 400),
        (b"[" * 100_000, 400),
    ],
)
def test_what_is_no_json_of_ours_is_refused(admin: Caller, text: bytes, status: int) -> None:
    answer = admin.program.request(
        "POST",
        f"{BASE}/groups",
        text,
        content_type="application/json",
        headers=admin.headers(),
    )
    assert answer.status_code == status, answer.content
    assert answer.json().keys() >= PROBLEM
    assert not Group.objects.exists()


def test_a_huge_body_is_not_read(admin: Caller) -> None:
    answer = admin.post("/groups", {"name": "x", "description": "y" * 2_000_000})
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_parameter_that_stands_twice_is_refused(admin: Caller) -> None:
    answer = admin.program.get(f"{BASE}/groups?q=a&q=b", headers=admin.headers())
    assert fields(answer) == {"q"}


def test_who_calls_too_often_waits(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "CALLS", 2)
    other = Caller(make_person("vera2", levels=["auditor"]))
    assert [admin.get("/groups").status_code for _ in range(3)] == [200, 200, 429]
    assert other.get("/groups").status_code == 200
    refused = admin.get("/groups")
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert refused.json().keys() == PROBLEM
    assert Event.objects.filter(detail__error="too_many_requests").exists()
