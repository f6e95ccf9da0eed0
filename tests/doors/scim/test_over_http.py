"""Against an instance as people run it: the checks of scim2-tester, and an end at once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from httpx import Client

from tests.doors.scim.caller import BASE, PATCH, TYPE
from tests.doors.scim.engine import complaints
from tests.factories.people import PASSWORD
from tests.setup.running import Running, manage, serving

pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(600)]

CLIENT = """
from django.utils import timezone
from accounts.audit.actors import SYSTEM
from tokens.provisioning import actions
made = actions.add_client(
    by=SYSTEM, name="Directory", groups=True, expires_at=None, at=timezone.now()
)
print("told:" + made.secret.take())
"""


OTTO = """
from tests.factories import make_person
from tests.factories.tokens import make_token
made = make_token(make_person("otto"), scopes=["steward:all"])
print("told:" + made.client_id + "/" + made.secret)
"""


def told(instance: Running, code: str) -> str:
    """What a command of whoever has the machine says."""
    made = manage(instance.data_dir, "shell", "-v", "0", "-c", code, PORT=str(instance.port))
    said = made.stdout.partition("told:")[2].strip()
    assert said, made.stderr
    return said


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("scim") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def directory(instance: Running) -> Iterator[Client]:
    headers = {"Authorization": f"Bearer {told(instance, CLIENT)}"}
    with Client(base_url=f"{instance.url}{BASE}", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def browser(instance: Running) -> Iterator[Client]:
    with Client(base_url=instance.url, timeout=30) as found:
        yield found


def sign_in(browser: Client) -> None:
    browser.cookies.clear()
    browser.get("/sign-in/")
    form = {"login": "otto", "password": PASSWORD}
    form["csrfmiddlewaretoken"] = browser.cookies["steward_csrf"]
    answer = browser.post("/sign-in/", data=form)
    assert answer.status_code == 302, answer.text


def test_every_check_passes(directory: Client) -> None:
    count, bad = complaints(directory)

    assert not bad, "\n".join(bad)
    assert count > 80


def test_who_is_deactivated_is_out_at_once(
    directory: Client, instance: Running, browser: Client
) -> None:
    client_id, _slash, secret = told(instance, OTTO).partition("/")
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    sign_in(browser)
    token = browser.post("/oauth/token", data=form | {"scope": "steward:all"}).json()
    calls = {"Authorization": f"Bearer {token['access_token']}"}
    otto = directory.get("/Users", params={"filter": 'userName eq "otto"'}).json()["Resources"][0]

    def is_in() -> tuple[int, int]:
        by_token = browser.get("/api/v1/service-accounts", headers=calls)
        return browser.get("/profile/").status_code, by_token.status_code

    assert is_in() == (200, 200)
    assert set_active(directory, otto["id"], value=False) < 300
    assert is_in() == (302, 401)
    assert browser.post("/oauth/token", data=form).status_code in (400, 401)
    assert set_active(directory, otto["id"], value=True) < 300
    assert is_in() == (302, 200)
    sign_in(browser)
    assert is_in() == (200, 200)


def set_active(directory: Client, pk: str, *, value: bool) -> int:
    operation = {"op": "replace", "path": "active", "value": value}
    said = json.dumps({"schemas": [PATCH], "Operations": [operation]})
    headers = {"Content-Type": TYPE}
    return directory.patch(f"/Users/{pk}", content=said, headers=headers).status_code
