"""The published documents describe exactly what is served (RFC 8414, RFC 9728)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import resolve
from pytest_django import Settings

from tests.oauth.holder import Holder
from tests.oauth.program import Program
from tokens.oauth.endpoints.introspect import introspect
from tokens.oauth.endpoints.revoke import revoke
from tokens.oauth.endpoints.token import token as token_view
from tokens.oauth.grants import grants
from tokens.scopes.files import installed

pytestmark = pytest.mark.django_db

SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"


@pytest.fixture
def server() -> dict[str, Any]:
    answer = Program().get(SERVER)
    assert answer.status_code == 200
    return dict(answer.json())


def test_every_address_in_it_is_served(server: dict[str, Any]) -> None:
    issuer = server["issuer"]
    assert issuer == "http://127.0.0.1:8000"
    addresses = {k: v for k, v in server.items() if k.endswith(("_endpoint", "_uri"))}
    assert set(addresses) == {
        "token_endpoint",
        "jwks_uri",
        "introspection_endpoint",
        "revocation_endpoint",
    }
    assert all(address.startswith(f"{issuer}/") for address in addresses.values())
    assert resolve(server["token_endpoint"].removeprefix(issuer)).func is token_view
    asking = resolve(server["introspection_endpoint"].removeprefix(issuer)).func
    revoking = resolve(server["revocation_endpoint"].removeprefix(issuer)).func
    assert (asking, revoking) == (introspect, revoke)
    assert Program().get(server["jwks_uri"].removeprefix(issuer)).status_code == 200


def test_the_grants_are_those_that_are_registered(server: dict[str, Any]) -> None:
    assert server["grant_types_supported"] == list(grants.keys())
    by_secret = ["client_secret_basic", "client_secret_post"]
    assert server["token_endpoint_auth_methods_supported"] == ["none", *by_secret]
    assert server["response_types_supported"] == []


@pytest.mark.parametrize("name", ["introspection", "revocation"])
def test_how_callers_prove_themselves_is_said(server: dict[str, Any], name: str) -> None:
    """Each way is tested where callers are."""
    methods = server[f"{name}_endpoint_auth_methods_supported"]
    assert methods == ["client_secret_basic", "client_secret_post", "private_key_jwt"]
    algorithms = server[f"{name}_endpoint_auth_signing_alg_values_supported"]
    assert algorithms == server["assertion_signing_alg_values_supported"]


def test_every_scope_in_it_can_be_given_and_no_restricted_one_is_there(
    server: dict[str, Any],
) -> None:
    scopes = server["scopes_supported"]
    assert "fr:idm:*" in scopes
    assert not [scope for scope in scopes if "federation" in scope]
    assert set(scopes) <= set(installed())


def test_every_algorithm_in_it_is_accepted(server: dict[str, Any]) -> None:
    from tests.oauth import test_algorithms

    tested = {*test_algorithms.RSA, "ES256", "ES384", "EdDSA", "Ed25519"}
    assert set(server["assertion_signing_alg_values_supported"]) == tested
    assert server["access_token_signing_alg_values_supported"] == ["ES256"]


def test_the_issuer_is_the_one_of_the_tokens(server: dict[str, Any], holder: Holder) -> None:
    from tests.access_tokens.reading import claims_of

    claims = claims_of(holder.token())
    assert claims["iss"] == server["issuer"]
    assert claims["aud"] == Program().get(RESOURCE).json()["resource"]


def test_the_public_url_is_the_issuer_whatever_a_proxy_says(settings: Settings) -> None:
    """AB-39: no address in it comes from a request."""
    settings.STEWARD_PUBLIC_URL = "https://steward.example.com"
    headers = {"Host": "127.0.0.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "x"}
    told = Program(headers).get(SERVER)
    assert "evil" not in str(told.content)
    assert told.json()["issuer"] == "https://steward.example.com"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil", ""])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    answer = Program({"Host": host}).get(SERVER)
    assert answer.status_code == 400
    assert answer.json()


@pytest.mark.parametrize(
    "path", [f"{SERVER}/am", f"{SERVER}/", "/.well-known/openid-configuration"]
)
def test_no_other_issuer_is_described(path: str) -> None:
    """RFC 8414 section 3.1: an issuer with a path would be found behind the well-known part."""
    assert Program().get(path).status_code == 404


def test_the_resource_names_its_server(server: dict[str, Any]) -> None:
    told = Program().get(RESOURCE).json()
    assert told["authorization_servers"] == [server["issuer"]]
    assert told["bearer_methods_supported"] == ["header"]
    assert told["jwks_uri"] == server["jwks_uri"]
