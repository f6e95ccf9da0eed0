"""Who may ask about tokens: every way to prove oneself, and every way to fail at it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Event, Identity
from accounts.tenant import actions as tenant
from tests.factories import make_account
from tests.factories.tokens import MadeToken, make_token
from tests.oauth.asking import (
    ASSERTION_TYPE,
    INTROSPECT,
    REVOKE,
    Caller,
    basic,
    by_form,
    by_key,
)
from tests.oauth.holder import FORM, LEFT_OUT, Holder, audience, sign
from tests.oauth.keys import curve_key
from tests.oauth.program import Answer, Program
from tokens.access_tokens.models import RevokedToken
from tokens.oauth.client_auth import SECRET_IN_QUERY
from tokens.personal_access_tokens import actions as tokens

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("path", [INTROSPECT, REVOKE])


@pytest.fixture
def caller(holder: Holder) -> Caller:
    return Caller(holder)


@pytest.fixture
def personal(ada: Identity) -> MadeToken:
    holder = make_account("exporter", owner=ada).account.identity
    return make_token(holder, scopes=["fr:idm:*"], by=ada)


def send(path: str, form: dict[str, str] | str, **headers: str) -> Answer:
    body = form if isinstance(form, str) else urlencode(form)
    return Program(headers).post(path, body, content_type=FORM)


def assert_refused(answer: Answer) -> None:
    """RFC 6749 section 5.2, the same whatever it was."""
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="steward"'
    assert answer.headers["Cache-Control"] == "no-store"
    told = {"error": "invalid_client", "error_description": "This client is not known."}
    assert answer.json() == told


@BOTH
@pytest.mark.parametrize("kind", ["client-authentication+jwt", "JWT", LEFT_OUT])
def test_an_assertion_by_its_type_or_without(caller: Caller, path: str, kind: str) -> None:
    header = {"alg": "ES256"} | ({} if kind is LEFT_OUT else {"typ": kind})
    assert caller.post(path, "x", **by_key(caller.holder, header=header)).status_code == 200
    named = by_key(caller.holder) | {"client_id": caller.holder.id}
    assert caller.post(path, "x", **named).status_code == 200


@BOTH
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": audience()},
        {"aud": f"{settings.STEWARD_PUBLIC_URL}{INTROSPECT}"},
        {"aud": [settings.STEWARD_PUBLIC_URL, "https://elsewhere.example"]},
        {"aud": LEFT_OUT},
        {"aud": "https://elsewhere.example"},
        {"exp": 1},
        {"exp": LEFT_OUT},
        {"exp": 2**40},
        {"jti": LEFT_OUT},
        {"sub": str(uuid.uuid4())},
        {"iss": str(uuid.uuid4())},
        {"nbf": 2**40},
    ],
)
def test_an_assertion_that_does_not_hold(
    caller: Caller, path: str, claims: dict[str, object]
) -> None:
    assert_refused(caller.post(path, "x", **by_key(caller.holder, **claims)))


@BOTH
def test_an_assertion_of_the_wrong_key_type_or_name(caller: Caller, path: str) -> None:
    holder = caller.holder
    claims = holder.claims(aud=settings.STEWARD_PUBLIC_URL)
    other = Holder(make_account("other"))
    wrong: list[Mapping[str, Any]] = [
        {"client_assertion": sign(claims, curve_key("P-256"))},
        {"client_assertion": "x"},
        {"client_assertion": ""},
        {"client_assertion": LEFT_OUT},
        {"client_assertion": "a" * 9_000},
        {"client_assertion_type": LEFT_OUT},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_id": other.id},
        {"client_id": "service-account"},
        {"client_id": ""},
        by_key(holder, header={"alg": "ES256", "typ": "at+jwt"}),
        by_key(holder, header={"alg": "ES256", "b64": True}),
    ]
    answers = [caller.post(path, "x", **one) for one in wrong]
    assert {a.status_code for a in answers} <= {400, 401}
    assert [a.status_code for a in answers].count(400) == 1, "the one that is too long"


@BOTH
def test_a_secret_that_does_not_hold(personal: MadeToken, path: str, ada: Identity) -> None:
    good = by_form(personal)
    for wrong in (
        {"client_id": personal.client_id, "client_secret": "x"},
        {"client_id": personal.client_id, "client_secret": ""},
        {"client_id": str(uuid.uuid4()), "client_secret": personal.secret},
        {"client_id": personal.client_id.upper(), "client_secret": personal.secret + " "},
        {"client_secret": personal.secret},
        {"client_id": personal.client_id},
        {},
    ):
        assert_refused(send(path, {"token": "x"} | wrong))
    assert send(path, {"token": "x"} | good).status_code == 200
    assert_refused(send(path, {"token": "x"}, Authorization="Basic !!"))
    assert_refused(send(path, {"token": "x"}, Authorization=f"Bearer {personal.secret}"))
    tokens.revoke(by=ada, token=personal.token, at=timezone.now())
    assert_refused(send(path, {"token": "x"} | good))
    assert_refused(send(path, {"token": "x"}, **basic(personal)))


@BOTH
def test_two_ways_at_once_are_no_way(caller: Caller, personal: MadeToken, path: str) -> None:
    both = {"token": "x"} | by_form(personal) | by_key(caller.holder)
    for answer in (
        send(path, both),
        send(path, {"token": "x"} | by_form(personal), **basic(personal)),
        send(path, {"token": "x"} | by_key(caller.holder), **basic(personal)),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@BOTH
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_only_post(path: str, method: str) -> None:
    answer = Program().request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@BOTH
def test_secrets_in_the_address_are_refused_whatever_the_tenant_allows(
    caller: Caller, personal: MadeToken, path: str, ada: Identity
) -> None:
    states = {SECRET_IN_QUERY.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    for query in ({"token": "x"}, by_form(personal), by_key(caller.holder)):
        target = f"{path}?{urlencode(query)}"
        answer = send(target, {"token": "x"} | by_form(personal))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@BOTH
def test_the_form_is_one_and_each_parameter_comes_once(personal: MadeToken, path: str) -> None:
    good = urlencode(by_form(personal))
    for body in (
        good,
        f"{good}&token=",
        f"{good}&token=a&token=b",
        f"{good}&token=a&client_secret=b",
        f"{good}&token=a&token_type_hint=x&token_type_hint=y",
        f"{good}&token=%ff",
        f"{good}&token=a" + "&x=1" * 100,
        "",
    ):
        answer = send(path, body)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), body[-40:]
        assert answer.headers["Cache-Control"] == "no-store"
    assert send(path, f"{good}&token=" + "a" * 70_000).status_code in {400, 413}
    for kind in ("application/json", "text/plain", "", "multipart/form-data; boundary=x"):
        answer = Program().post(path, f"{good}&token=a", content_type=kind)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), kind


@pytest.mark.parametrize(
    ("path", "action"),
    [(INTROSPECT, "token.introspection_refused"), (REVOKE, "token.revocation_refused")],
)
def test_a_refusal_is_recorded_with_its_reason_and_no_secret(
    caller: Caller, personal: MadeToken, path: str, action: str
) -> None:
    token = caller.holder.token()
    send(path, {"token": token} | by_form(personal) | {"client_secret": "guessed-wrong"})
    caller.post(path, token, **by_key(caller.holder, exp=1))
    first, second = Event.objects.filter(action=action).order_by("pk")
    assert "secret is wrong" in first.reason
    assert "exp has passed" in second.reason
    assert second.subject_id == caller.holder.id
    assert {first.outcome, second.outcome} == {"refused"}
    for event in (first, second):
        told = f"{event.detail}{event.reason}{event.actor_label}"
        assert token not in told
        assert "guessed-wrong" not in told
    assert not RevokedToken.objects.exists()


def test_the_type_is_the_one_of_the_standard() -> None:
    from tokens.oauth import callers

    assert callers.ASSERTION_TYPE == ASSERTION_TYPE
