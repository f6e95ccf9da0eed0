"""The request itself: RFC 6749 section 3.2 and contract section 1.2."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.audit.models import Event
from tests.oauth.holder import FORM, GRANT_TYPE, LEFT_OUT, TOKEN_PATH, Holder

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_posts_are_answered(holder: Holder, method: str) -> None:
    answer = holder.client.request(method, TOKEN_PATH)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.headers["Content-Type"].startswith("application/json")


def test_an_address_with_a_slash_at_its_end_is_no_token_endpoint(holder: Holder) -> None:
    answer = holder.post("grant_type=x", path=f"{TOKEN_PATH}/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain", ""])
def test_the_parameters_come_as_a_form(holder: Holder, kind: str) -> None:
    answer = holder.client.post(TOKEN_PATH, "grant_type=x", content_type=kind)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["assertion", "client_id", "grant_type", "scope", "whatever"])
def test_a_repeated_parameter_is_refused(holder: Holder, name: str) -> None:
    fields = {"assertion": holder.assertion(), "grant_type": GRANT_TYPE, "scope": "fr:am:*"}
    body = "&".join(f"{k}={v}" for k, v in fields.items())
    answer = holder.post(f"{body}&{name}=1&{name}=1")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert ("whatever" in answer.json()["error_description"]) is False


@pytest.mark.parametrize(
    ("left_out", "error"),
    [("grant_type", "invalid_request"), ("assertion", "invalid_request")],
)
def test_what_is_missing_is_named(holder: Holder, left_out: str, error: str) -> None:
    answer = holder.ask(**{left_out: LEFT_OUT})
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert left_out in answer.json()["error_description"]


@pytest.mark.parametrize(
    "grant", ["password", "refresh_token", "Client_Credentials", GRANT_TYPE.upper(), "x%00"]
)
def test_other_grants_are_not_supported(holder: Holder, grant: str) -> None:
    answer = holder.ask(grant_type=grant)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("client", ["idmAdminClient", "", "SERVICE-ACCOUNT", "x%00"])
def test_no_other_client_gets_a_token(holder: Holder, client: str) -> None:
    answer = holder.ask(client_id=client)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_a_client_that_sends_a_secret_is_told_so_by_401(holder: Holder) -> None:
    answer = holder.ask(client_secret="x")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "body",
    [b"grant_type=\xff", b"scope=%FF%FE", b"&" * 100 + b"a=b" * 2, b"\x00", b"=&=", b"", b"%"],
)
def test_a_body_that_cannot_be_read_is_refused_in_json(holder: Holder, body: bytes) -> None:
    answer = holder.post(body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_large_body_is_refused(holder: Holder) -> None:
    answer = holder.post("a=" + "x" * 70_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


def test_the_view_bounds_the_body_by_itself_as_well(holder: Holder, client: Client) -> None:
    """Under the middleware of the pages, which the tests of the pages use."""
    answer = client.post(TOKEN_PATH, "a=" + "x" * 70_000, content_type=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_token_is_issued_under_the_middleware_of_the_pages_too(
    holder: Holder, client: Client
) -> None:
    body = f"assertion={holder.assertion()}&grant_type={GRANT_TYPE}&scope=fr:am:*"
    answer = client.post(TOKEN_PATH, body, content_type=FORM)
    assert answer.status_code == 200
    assert not answer.cookies


def test_a_body_that_broke_off_uses_nothing_up(holder: Holder) -> None:
    body = f"grant_type={GRANT_TYPE}&scope=fr:am:*&assertion={holder.assertion()}"
    answer = holder.post(body, **{"Content-Length": str(len(body) + 1)})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert holder.post(body).status_code == 200


def test_more_parameters_than_anybody_needs_are_refused(holder: Holder) -> None:
    answer = holder.post("&".join(f"a{n}=1" for n in range(1_000)))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_percent_encoded_forms_are_read_as_well(holder: Holder) -> None:
    answer = holder.client.post(
        TOKEN_PATH,
        f"assertion={holder.assertion()}&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type"
        "%3Ajwt-bearer&scope=fr%3Aam%3A%2A+fr%3Aidm%3A%2A&client_id=service%2Daccount",
        content_type="application/x-www-form-urlencoded; charset=UTF-8",
    )
    assert answer.status_code == 200


def test_each_refusal_is_recorded_with_its_reason(holder: Holder) -> None:
    holder.ask(grant_type="password")
    event = Event.objects.get(action="token.refused")
    assert (event.outcome, event.detail["error"]) == ("refused", "unsupported_grant_type")
    assert "password" in event.reason
