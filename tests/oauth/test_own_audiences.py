"""Tokens for an API of the tenant's own name its audience, and open nothing else."""

from __future__ import annotations

from urllib.parse import urlencode

import jwt
import pytest
from django.utils import timezone

from accounts.models import Event, Identity
from tests.factories import make_account
from tests.factories.apis import AUDIENCE, make_api, make_scope
from tests.factories.tokens import MadeToken, make_token
from tests.oauth.holder import Holder
from tests.oauth.program import Answer, Program
from tokens.access_tokens.claims import issuer
from tokens.access_tokens.verify import InvalidToken, verify
from tokens.models import Api

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = "urn:example:other"


@pytest.fixture
def scopes() -> list[str]:
    """Of two APIs of the tenant, and of this server."""
    pay = make_api()
    make_scope(pay, "pay:read", parent=make_scope(pay, "pay:*"))
    make_scope(make_api("Other", OTHER), "other:read")
    return ["fr:am:*", "fr:idm:*", "pay:*", "other:read"]


@pytest.fixture
def holder(scopes: list[str]) -> Holder:
    return Holder(make_account(scopes=scopes))


def _audience(token: str) -> object:
    return jwt.decode(token, options={"verify_signature": False})["aud"]


def _with_token(made: MadeToken, **more: str) -> Answer:
    form = {
        "grant_type": "client_credentials",
        "client_id": made.client_id,
        "client_secret": made.secret,
    } | more
    kind = "application/x-www-form-urlencoded"
    return Program().request("POST", "/oauth/token", urlencode(form), content_type=kind)


def test_a_token_names_the_audience_of_the_api(holder: Holder) -> None:
    answer = holder.ask(scope="pay:read")
    assert answer.json()["scope"] == "pay:read"
    token = answer.json()["access_token"]
    assert _audience(token) == AUDIENCE
    issued = Event.objects.get(action="token.issued")
    assert issued.detail["audience"] == AUDIENCE
    assert _audience(holder.ask(scope="fr:am:*").json()["access_token"]) == issuer()


def test_it_opens_nothing_here(holder: Holder) -> None:
    token = holder.ask(scope="pay:*").json()["access_token"]
    with pytest.raises(InvalidToken):
        verify(token, timezone.now())
    assert holder.get("/environment/info", token).status_code == 401


@pytest.mark.parametrize("asked", ["pay:read fr:am:*", "pay:read other:read"])
def test_scopes_of_several_audiences_are_not_asked_for_at_once(holder: Holder, asked: str) -> None:
    answer = holder.ask(scope=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert answer.json()["error_description"] == "Ask for the scopes of one API at a time."
    assert not Event.objects.filter(action="token.issued").exists()


@pytest.mark.parametrize(
    ("asked", "resource", "answered"),
    [
        ("pay:read", AUDIENCE, AUDIENCE),
        ("pay:read", AUDIENCE.replace(".com/", ".com:443/"), AUDIENCE),
        ("fr:am:*", "issuer", "issuer"),
        ("pay:read", OTHER, "invalid_target"),
        ("fr:am:*", AUDIENCE, "invalid_target"),
        ("fr:am:*", "https://elsewhere.example", "invalid_target"),
        ("pay:read fr:am:*", AUDIENCE, "invalid_scope"),
    ],
)
def test_a_resource_is_that_of_the_scopes_or_none(
    holder: Holder, asked: str, resource: str, answered: str
) -> None:
    answer = holder.ask(scope=asked, resource=issuer() if resource == "issuer" else resource)
    if answer.status_code == 200:
        expected = issuer() if answered == "issuer" else answered
        assert _audience(answer.json()["access_token"]) == expected
    else:
        assert answer.json()["error"] == answered


def test_a_personal_access_token_is_for_this_server_first(scopes: list[str], ada: Identity) -> None:
    account = make_account(scopes=scopes, owner=ada).account
    made = make_token(account.identity, scopes=scopes, by=ada)
    plain = _with_token(made).json()
    assert (plain["scope"], _audience(plain["access_token"])) == ("fr:am:* fr:idm:*", issuer())
    own = _with_token(made, resource=AUDIENCE).json()
    assert (own["scope"], _audience(own["access_token"])) == ("pay:*", AUDIENCE)
    asked = _with_token(made, scope="other:read").json()
    assert _audience(asked["access_token"]) == OTHER


def test_a_personal_access_token_of_own_apis_alone_names_one(
    scopes: list[str], ada: Identity
) -> None:
    account = make_account(scopes=scopes, owner=ada).account
    one = make_token(account.identity, scopes=["pay:read"], by=ada)
    assert _audience(_with_token(one).json()["access_token"]) == AUDIENCE
    two = make_token(account.identity, "Two", scopes=["pay:read", "other:read"], by=ada)
    assert _with_token(two).json()["error"] == "invalid_scope"
    nowhere = _with_token(two, resource="https://elsewhere.example")
    assert nowhere.json()["error"] == "invalid_target"


def test_a_new_audience_holds_from_the_next_token_on(holder: Holder) -> None:
    assert _audience(holder.ask(scope="pay:*").json()["access_token"]) == AUDIENCE
    Api.objects.filter(name="Payroll").update(audience="urn:new", audience_key="urn:new")
    assert _audience(holder.ask(scope="pay:*").json()["access_token"]) == "urn:new"


def test_the_metadata_tells_nobody_of_the_tenants_own_apis(holder: Holder) -> None:
    told = holder.client.request("GET", "/.well-known/oauth-authorization-server").content.decode()
    assert "idn:sources:read" in told
    assert "pay:" not in told
