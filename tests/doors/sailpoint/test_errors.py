"""Refusals as the vendor's clients read them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions
from accounts.models import Identity
from tests.doors.sailpoint.caller import Caller, said
from tests.factories.tokens import make_token
from tests.oauth.program import Program
from tokens.edge import rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


def test_an_error_has_a_code_a_tracking_id_and_a_text(caller: Caller) -> None:
    answer = caller.get("/sources/v1/nothing")
    assert answer.status_code == 404
    body = answer.json()
    assert list(body) == ["detailCode", "trackingId", "messages", "causes"]
    assert body["detailCode"] == "404 Not Found"
    assert re.fullmatch("[0-9a-f]{32}", body["trackingId"])
    assert body["causes"] == []
    assert body["messages"] == [
        {
            "locale": "en-US",
            "localeOrigin": "DEFAULT",
            "text": "The requested source was not found.",
        }
    ]


def test_the_tracking_id_leads_to_the_audit_log(otto: Identity) -> None:
    answer = Caller(otto).get("/sources/v1")
    [event] = Event.objects.filter(action="api.refused")
    assert answer.json()["trackingId"].endswith(event.request_id)


def test_texts_are_english_whatever_the_caller_reads(caller: Caller) -> None:
    answer = caller.program.get(
        "/sources/v1?limit=x", headers=caller.headers() | {"Accept-Language": "de"}
    )
    assert said(answer) == "limit must be a whole number from 0 to 250."


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_without_a_token_that_holds_the_answer_is_short(db: None, headers: dict[str, str]) -> None:
    answer = Program().get("/sources/v1", headers=headers)
    assert answer.status_code == 401
    assert list(answer.json()) == ["error"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_that_ran_out_is_refused(caller: Caller) -> None:
    assert caller.get("/sources/v1").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert caller.get("/sources/v1").status_code == 401


def test_a_holder_who_is_disabled_is_refused_at_the_next_call(
    ada: Identity, otto: Identity
) -> None:
    caller = Caller(otto)
    assert caller.get("/public-identities/v1").status_code == 200
    actions.disable(by=ada, identity=otto, at=timezone.now())
    assert caller.get("/public-identities/v1").status_code == 401


def test_another_method_is_refused_and_says_which_there_are(caller: Caller) -> None:
    answer = caller.send("PUT", "/sources/v1")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST, HEAD"
    assert answer.json()["detailCode"] == "405 Method Not Allowed"


@pytest.mark.parametrize("path", ["/v3/roles", "/roles/v1", "/sources/v2/x", "/v2024/"])
def test_what_is_not_served_is_json_too(caller: Caller, path: str) -> None:
    answer = caller.get(path)
    assert answer.status_code == 404
    assert said(answer) == "This address is not served here."


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("{}", "text/plain", 415),
        ("[" * 100_000, "application/json", 400),
        ('{"name": "' + "x" * 1_100_000 + '"}', "application/json", 413),
        ('{"name": 3}', "application/json", 400),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    caller: Caller, body: str, content_type: str, status: int
) -> None:
    answer = caller.program.post(
        "/transforms/v1", body, content_type=content_type, headers=caller.headers()
    )
    assert answer.status_code == status, answer.content[:300]


def test_a_client_that_calls_too_often_waits_and_others_do_not(
    caller: Caller, otto: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "CALLS", 3)
    assert [caller.get("/sources/v1").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = caller.get("/sources/v1")
    assert refused.json() == {"message": " Rate Limit Exceeded "}
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    # whichever version of the interface: the caller chooses that
    answers = [caller.get(f"/{version}/sources") for version in ("v3", "beta", "v2024")]
    assert [answer.status_code for answer in answers] == [429] * 3
    assert Caller(otto).get("/public-identities/v1").status_code == 200


def test_a_client_that_calls_too_often_is_in_the_audit_log(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "CALLS", 1)
    caller.get("/sources/v1")
    assert caller.get("/sources/v1").status_code == 429
    event = Event.objects.get(action="api.refused")
    assert event.actor_label == "ada"
    assert "called too often" in event.reason
    assert (event.detail["error"], event.detail["refused_by"]) == ("too_many_requests", "network")
    assert event.detail["credential"]


def test_what_the_door_forbids_is_in_the_audit_log_with_the_scope(otto: Identity) -> None:
    answer = Caller(otto).get("/personal-access-tokens/v1")
    assert (answer.status_code, answer.json()["detailCode"]) == (403, "403 Forbidden")
    event = Event.objects.get(action="api.refused")
    assert event.reason == said(answer)
    assert "tokens of its holder only" in event.reason
    assert event.detail["refused_by"] == "scope"
    assert event.detail["credential"]


def test_what_the_domain_forbids_is_in_the_audit_log_with_the_level(
    caller: Caller, otto: Identity
) -> None:
    other = make_token(otto, "Otto's", scopes=["sp:scopes:default"])
    rename = [{"op": "replace", "path": "/name", "value": "Mine"}]
    answer = caller.send(
        "PATCH",
        f"/personal-access-tokens/v1/{other.client_id}",
        rename,
        content_type="application/json-patch+json",
    )
    assert answer.status_code == 403
    event = Event.objects.get(action="api.refused")
    assert (event.actor_label, event.reason) == ("ada", said(answer))
    assert event.detail["refused_by"] == "level"


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        (
            "POST",
            "/transforms/v1",
            '{"name": "X", "type": "static", "attributes": {"value": "%s"}}',
        ),
        ("POST", "/transforms/v1", '{"name": "X", "type": "upper", "attributes": {"%s": "a"}}'),
        (
            "POST",
            "/sources/v1",
            '{"name": "X", "connector": "delimited-file", "description": "%s"}',
        ),
        ("POST", "/personal-access-tokens/v1", '{"name": "%s", "scope": ["sp:scopes:all"]}'),
        ("POST", "/identities/v1/invite", '{"ids": ["%s"]}'),
    ],
)
def test_what_no_text_may_hold_is_refused_before_it_reaches_the_database(
    caller: Caller, method: str, path: str, body: str, text: str
) -> None:
    answer = caller.program.request(
        method, path, body % text, content_type="application/json", headers=caller.headers()
    )
    assert answer.status_code == 400
    assert "characters that no text may have" in said(answer)


@pytest.mark.parametrize(
    "body", ['{"a": NaN}', '{"name": "a", "name": "b"}', '{"n": 1e999}', "\xff"]
)
def test_json_that_is_none_or_says_two_things_is_refused(caller: Caller, body: str) -> None:
    answer = caller.program.post(
        "/transforms/v1",
        body.encode("latin-1"),
        content_type="application/json",
        headers=caller.headers(),
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/transforms/v1?name=%00",
        "/sources/v1?filters=name%20eq%20%22%00%22",
        "/sources/v1?for-subadmin=%00",
        "/sources/v1%0A",
        "/sources/v1/%00",
        "/accounts/v1/%00",
        "/auth-users/v1/%0A",
    ],
)
def test_a_nul_or_a_new_line_in_the_address_finds_nothing(caller: Caller, path: str) -> None:
    answer = caller.program.get(path, headers=caller.headers())
    assert answer.status_code in (400, 404), answer.content
    assert answer.json()
