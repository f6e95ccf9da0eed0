"""The tenant says how long access tokens live by default, and at most."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity
from accounts.tenant import actions as tenant
from tests.access_tokens.reading import claims_of
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_account
from tests.factories.people import PASSWORD
from tests.factories.tokens import MadeToken, make_token
from tests.oauth.holder import Holder
from tests.personal_access_tokens.test_exchange import ask
from tokens.access_tokens.lifetimes import LONGEST, USUAL, BadSeconds
from tokens.models import Credential

pytestmark = pytest.mark.django_db

TOKENS = "/personal-access-tokens/v1"


def allow(*, longest: int = LONGEST.default, usual: int | None = None) -> None:
    values = {LONGEST.name: longest, USUAL.name: min(usual or USUAL.default, longest)}
    tenant.set_numbers(by=SYSTEM, values=values, at=timezone.now())


def lasts(answer: Any) -> int:
    """Seconds, as the answer and the token itself say."""
    told = answer.json()
    claims = claims_of(told["access_token"])
    assert claims["exp"] - claims["iat"] == told["expires_in"]
    return int(told["expires_in"])


@pytest.fixture
def made(ada: Identity) -> MadeToken:
    holder = make_account(owner=ada).account.identity
    return make_token(holder, scopes=["fr:idm:*"], by=ada, access_token_seconds=7_200)


def test_a_lower_maximum_bites_at_the_next_exchange_of_a_token_that_exists(
    made: MadeToken,
) -> None:
    assert lasts(ask(made)) == 7_200
    allow(longest=600)
    assert lasts(ask(made)) == 600
    allow()
    assert lasts(ask(made)) == 7_200, "the token kept what it was made with"


def test_what_was_issued_before_runs_out_as_it_was(made: MadeToken) -> None:
    token = ask(made).json()["access_token"]
    allow(longest=60)
    assert claims_of(token)["exp"] - claims_of(token)["iat"] == 7_200


def test_a_key_gets_no_longer_tokens_either() -> None:
    holder = Holder(make_account())
    assert lasts(holder.ask()) == 899
    allow(longest=600)
    assert lasts(holder.ask()) == 600
    allow(longest=7_200)
    assert lasts(holder.ask()) == 899, "PingOne's, which is no maximum but what it is"


def test_a_new_token_has_the_default_of_the_tenant(ada: Identity) -> None:
    allow(usual=120)
    made = make_token(ada, scopes=["idn:sources:read"], by=ada)
    assert made.token.access_token_seconds == 120
    assert lasts(ask(made)) == 120
    allow()
    assert lasts(ask(made)) == 120, "what it was made with"


@pytest.mark.parametrize("seconds", [14, 0, -5, 601, 43_201])
def test_nobody_makes_one_with_more_than_the_maximum(ada: Identity, seconds: int) -> None:
    allow(longest=600)
    with pytest.raises(BadSeconds, match="between 15 and 600 seconds") as refused:
        make_token(ada, by=ada, access_token_seconds=seconds)
    assert refused.value.field == "access_token_seconds"
    assert make_token(ada, by=ada, access_token_seconds=600).token.access_token_seconds == 600


def test_the_form_says_both_and_holds_to_them(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    allow(longest=600, usual=300)
    browser, url = client_of(ada), reverse("personal_access_tokens:new")
    page = browser.get(url)
    if "step_up_password" in page.content.decode():
        page = browser.post(url, {"step_up_password": PASSWORD}, follow=True)
    form = page.context["form"]
    assert "Seconds, 15 to 600." in page.content.decode()
    assert form["access_token_seconds"].value() == 300
    typed = {
        "name": "Nightly",
        "scopes": ["idn:sources:read"],
        "expiry": "30",
        "submission": str(form["submission"].value()),
    }
    answer = browser.post(url, typed | {"access_token_seconds": "601"})
    assert "between 15 and 600 seconds" in answer.content.decode()
    browser.post(url, typed | {"access_token_seconds": "600"})
    assert Credential.objects.get().access_token_seconds == 600


def test_the_page_of_a_token_says_what_is_left_of_its_lifetime(
    client_of: Callable[[Identity], Client], ada: Identity, made: MadeToken
) -> None:
    browser = client_of(ada)
    url = reverse("personal_access_tokens:detail", args=[made.token.pk])
    assert "7200 seconds</dd>" in browser.get(url).content.decode()
    allow(longest=600)
    assert "7200 seconds, of which the tenant allows 600" in browser.get(url).content.decode()


def test_the_command_holds_to_both(ada: Identity) -> None:
    allow(longest=600, usual=300)
    create = ("personal_access_token", "create", "ada", "--scope", "idn:sources:read", "--name")
    out = StringIO()
    call_command(*create, "Usual", stdout=out)
    assert Credential.objects.get().access_token_seconds == 300
    assert json.loads(out.getvalue())["id"]
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command(*create, "Long", "--access-token-seconds", "601", stderr=err)
    assert "between 15 and 600 seconds" in err.getvalue()
    assert Credential.objects.count() == 1


def test_sailpoints_door_holds_to_both_and_tells_what_is_used(ada: Identity) -> None:
    allow(longest=900, usual=300)
    caller = Caller(ada)
    wanted = {
        "name": "Integration",
        "scope": ["idn:sources:read"],
        "expirationDate": (timezone.now() + timedelta(days=7)).isoformat(),
    }
    usual = caller.send("POST", TOKENS, wanted).json()
    assert usual["accessTokenValiditySeconds"] == 300
    long = wanted | {"name": "Long", "accessTokenValiditySeconds": 901}
    answer = caller.send("POST", TOKENS, long)
    assert answer.status_code == 400
    assert "between 15 and 900 seconds" in answer.content.decode()
    make_account()
    allow(longest=120)
    told = {each["name"]: each["accessTokenValiditySeconds"] for each in caller.get(TOKENS).json()}
    assert told["Integration"] == 120
    clients = caller.get("/oauth-clients/v1").json()
    assert [each["accessTokenValiditySeconds"] for each in clients] == [120]
