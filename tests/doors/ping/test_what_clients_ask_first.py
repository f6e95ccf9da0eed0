"""The small answers that clients insist on (contract section 7.2)."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.factories import make_account
from tests.oauth.holder import Holder
from tests.oauth.program import Program
from tokens.scopes.picker import environment_tree

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("asterisk", ["*", "%2A", "%2a"])
def test_server_info_is_open_to_everybody(asterisk: str) -> None:
    answer = Program().get(f"/am/json/serverinfo/{asterisk}")
    assert answer.status_code == 200
    assert answer.json() == {"cookieName": "6ac6499e9da2071"}


def test_the_version_is_one_that_clients_know(holder: Holder) -> None:
    body = holder.get("/am/json/serverinfo/version").json()
    assert (body["_id"], body["version"]) == ("version", "8.0.0")
    assert set(body) == {"_id", "version", "fullVersion", "revision", "date"}


@pytest.mark.parametrize(
    ("name", "tier"),
    [("development", "dev"), ("Production", "prod"), ("staging 2", "staging"), ("sandbox", "dev")],
)
def test_the_tier_is_that_of_the_environment(
    holder: Holder, settings: Settings, name: str, tier: str
) -> None:
    settings.STEWARD_ENVIRONMENT = name
    assert holder.get("/environment/info").json() == {
        "region": "local",
        "tier": tier,
        "locked": False,
        "immutable": False,
    }


def test_service_accounts_are_a_feature(holder: Holder) -> None:
    assert holder.get("/feature", None, _queryFilter="true").json() == {
        "result": [{"_id": "service-accounts", "installedVersion": "1", "availableVersions": ["1"]}]
    }


def test_the_tree_of_scopes_is_the_one_of_the_picker(holder: Holder) -> None:
    tree = holder.get("/environment/scopes/service-accounts").json()
    assert tree == environment_tree()
    assert "federation" not in str(tree)


def test_who_is_logged_in_is_a_service_account(holder: Holder) -> None:
    body = holder.get("/openidm/info/login").json()
    assert body["authenticationId"] == holder.id
    assert body["authorization"]["component"] == "managed/svcacct"
    assert body["authorization"]["roles"] == [
        "internal/role/openidm-svcacct",
        "internal/role/openidm-authorized",
    ]


@pytest.mark.parametrize("path", ["/am/oauth2/tokeninfo", "/am/oauth2/realms/root/tokeninfo"])
def test_a_token_tells_of_itself(holder: Holder, path: str) -> None:
    body = holder.get(path).json()
    assert (body["sub"], body["subname"], body["username"]) == (holder.id, holder.id, None)
    assert body["client_id"] == "service-account"
    assert body["scope"] == ["fr:am:*", "fr:idm:*"]
    assert 0 < body["expires_in"] <= 899


@pytest.mark.parametrize(
    "path",
    [
        "/am/json/serverinfo/version",
        "/environment/info",
        "/environment/scopes/service-accounts",
        "/feature",
        "/openidm/info/login",
        "/openidm/managed/alpha_user",
        "/openidm/managed/svcacct",
        "/am/oauth2/tokeninfo",
    ],
)
def test_the_others_want_a_token(path: str) -> None:
    answer = Program().get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_any_token_will_do_where_no_scope_is_named(db: None) -> None:
    holder = Holder(make_account(scopes=["fr:idc:certificate:read"]))
    token = holder.token(scope="fr:idc:certificate:read")
    for path in ("/environment/info", "/feature", "/am/json/serverinfo/version"):
        assert holder.get(path, token).status_code == 200
    assert holder.get("/openidm/info/login", token).status_code == 403
