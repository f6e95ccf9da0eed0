"""Below the vendor's prefixes everything is answered in JSON, whatever is asked."""

from __future__ import annotations

import pytest

from tests.factories import make_account
from tests.oauth.holder import Holder
from tests.oauth.program import Program

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/am/",
        "/am/XUI/",
        "/am/json/realms/root/authenticate",
        "/am/oauth2/access_token/",
        "/am/oauth2/realms/root/realms/alpha/access_token",
        "/am/json/serverinfo/",
        "/am//json/serverinfo/*",
        "/oauth/",
        "/oauth/authorize",
        "/openidm/",
        "/openidm/managed/bravo_user",
        "/openidm/managed/alpha_user/a/b",
        "/openidm/managed/alpha_user/",
        "/openidm/config",
        "/environment/nothing",
        "/environment/",
        "/feature/service-accounts",
        "/.well-known/nothing",
        "/am/%00",
        "/am/%ff%fe",
        "/openidm/" + "x" * 5_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_unknown_address_is_not_found(method: str, path: str) -> None:
    answer = Program().request(method, path)
    assert answer.status_code == 404
    assert answer.json()["code"] == 404
    assert answer.json()["reason"] == "Not Found"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/am/json/serverinfo/*", "GET, HEAD"),
        ("/environment/info", "GET, HEAD"),
        ("/feature", "GET, HEAD"),
        ("/.well-known/jwks.json", "GET, HEAD"),
        ("/.well-known/oauth-authorization-server", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "NONSENSE"])
def test_another_method_is_told_which_ones_there_are(method: str, path: str, allowed: str) -> None:
    answer = Program().request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert answer.json()


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/environment/variables", "fr:idc:esv:read"),
        ("/environment/certificates", "fr:idc:certificate:read"),
        ("/environment/promotion/lock", "fr:idc:promotion:read"),
    ],
)
def test_the_vendors_other_addresses_want_their_scope_first(path: str, scope: str) -> None:
    assert Program().get(path).status_code == 401
    holder = Holder(make_account(scopes=["fr:am:*"]))
    answer = holder.get(path, holder.token(scope="fr:am:*"))
    assert answer.status_code == 403
    assert f'scope="{scope}"' in answer.headers["WWW-Authenticate"]
    able = Holder(make_account("able", scopes=[scope]))
    assert able.get(path, able.token(scope=scope)).status_code == 404


def test_no_answer_is_kept_by_anybody_on_the_way(holder: Holder) -> None:
    token = holder.token()
    for path in ("/feature", "/environment/info", f"/openidm/managed/svcacct/{holder.id}"):
        answer = holder.get(path, token)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
