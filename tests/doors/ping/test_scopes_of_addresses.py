"""The scope that an address asks for is the one that the catalogue names for it."""

from __future__ import annotations

import pytest

from tests.factories import make_account
from tests.oauth.holder import Holder
from tokens.scopes.files import installed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/openidm/info/login",
        "/openidm/managed/alpha_user",
        "/openidm/managed/alpha_user/x",
        "/openidm/managed/svcacct",
        "/openidm/managed/svcacct/x",
        "/environment/variables/esv-a",
        "/environment/secrets",
        "/environment/startup",
        "/environment/csrs",
        "/environment/proxy-connect/x",
        "/environment/federation/x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_token_without_it_is_told_its_name(method: str, path: str) -> None:
    needed = installed().needed_for(method, path)
    holder = Holder(make_account(scopes=["fr:idc:cookie-domain:read"]))
    token = holder.token(scope="fr:idc:cookie-domain:read")
    answer = holder.client.request(method, path, headers=holder.bearer(token))
    if method != "GET" and path == "/openidm/info/login":
        assert answer.status_code == 405
        return
    assert answer.status_code == 403
    assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]
