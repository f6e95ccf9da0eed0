"""Contract section 10.1: one audience, with or without its default port, and nothing by prefix."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from tests.oauth.holder import LEFT_OUT, Holder, audience

pytestmark = pytest.mark.django_db

PUBLIC = "https://steward.example.com"
TOKEN = f"{PUBLIC}/am/oauth2/access_token"


@pytest.fixture(autouse=True)
def public_url(settings: Settings) -> None:
    settings.STEWARD_PUBLIC_URL = PUBLIC
    settings.ALLOWED_HOSTS = ["steward.example.com", "127.0.0.1"]
    settings.STEWARD_COMPAT_FRODO_DOUBLE_PORT = False


@pytest.mark.parametrize(
    "accepted",
    [
        TOKEN,
        "https://steward.example.com:443/am/oauth2/access_token",
        [TOKEN],
        "HTTPS://Steward.Example.com/am/oauth2/access_token",
        PUBLIC,
        f"{PUBLIC}:443",
        f"{PUBLIC}/oauth/token",
    ],
)
def test_the_token_endpoint_and_the_issuer_are_accepted(holder: Holder, accepted: Any) -> None:
    assert holder.ask(holder.assertion(aud=accepted)).status_code == 200


@pytest.mark.parametrize(
    "refused",
    [
        LEFT_OUT,
        "",
        None,
        42,
        {"aud": TOKEN},
        [],
        [TOKEN, PUBLIC],
        [TOKEN, "https://evil.example"],
        [[TOKEN]],
        f"{TOKEN}/",
        f"{TOKEN}?",
        f"{TOKEN}#",
        f"{TOKEN}?a=b",
        f"{TOKEN}/x",
        f"{PUBLIC}/",
        f"{PUBLIC}/am/oauth2/access%5Ftoken",
        f"{PUBLIC}/AM/oauth2/access_token",
        f"{PUBLIC}//am/oauth2/access_token",
        f"{PUBLIC}.evil.example/am/oauth2/access_token",
        "https://steward.example.com@evil.example/am/oauth2/access_token",
        "https://user@steward.example.com/am/oauth2/access_token",
        "https://steward.example.com:8443/am/oauth2/access_token",
        "https://steward.example.com:0/am/oauth2/access_token",
        "https://steward.example.com:/am/oauth2/access_token",
        "https://steward.example.com:0443/am/oauth2/access_token",
        "https://steward.example.com:443:443/am/oauth2/access_token",
        "https://steward.example.com./am/oauth2/access_token",
        "http://steward.example.com/am/oauth2/access_token",
        f" {TOKEN}",
        f"{TOKEN}\n",
        f"{PUBLIC}/am/oauth2/\taccess_token",
        "https://steward.example.com\u200b/am/oauth2/access_token",
        "https://ｓteward.example.com/am/oauth2/access_token",
        "steward.example.com/am/oauth2/access_token",
        "https:///am/oauth2/access_token",
        "https://[/am/oauth2/access_token",
        "\x00",
        "\ud800",
    ],
)
def test_everything_else_is_refused(holder: Holder, refused: Any) -> None:
    answer = holder.ask(holder.assertion(aud=refused))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_allowed_host_that_the_request_came_to_counts_too(holder: Holder) -> None:
    holder.client.headers["Host"] = "127.0.0.1:8000"
    named = holder.assertion(aud="https://127.0.0.1:8000/am/oauth2/access_token")
    assert holder.ask(named).status_code == 200


def test_a_host_that_is_not_allowed_is_answered_nothing(holder: Holder) -> None:
    holder.client.headers["Host"] = "evil.example"
    for aud in ("https://evil.example/am/oauth2/access_token", TOKEN):
        answer = holder.ask(holder.assertion(aud=aud))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_the_doubled_port_of_frodo_3_is_accepted_only_where_it_is_turned_on(
    holder: Holder, settings: Settings
) -> None:
    settings.STEWARD_PUBLIC_URL = "http://127.0.0.1:8000"
    doubled = holder.assertion(aud=audience(port=":8000"))
    assert holder.ask(doubled).json()["error"] == "invalid_grant"
    settings.STEWARD_COMPAT_FRODO_DOUBLE_PORT = True
    assert holder.ask(doubled).status_code == 200


@pytest.mark.parametrize("wrong", [":8001", ":8000:8000", ":80"])
def test_no_other_doubling_is_accepted(holder: Holder, settings: Settings, wrong: str) -> None:
    settings.STEWARD_PUBLIC_URL = "http://127.0.0.1:8000"
    settings.STEWARD_COMPAT_FRODO_DOUBLE_PORT = True
    assert holder.ask(holder.assertion(aud=audience(port=wrong))).status_code == 400
