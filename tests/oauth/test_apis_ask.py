"""An API of the tenant's own asks about the tokens that it is shown, as its service account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, ServiceAccount
from tests.access_tokens.reading import claims_of
from tests.factories import make_account
from tests.factories.apis import AUDIENCE, make_api, make_scope
from tests.factories.people import PASSWORD
from tests.factories.tokens import make_token
from tests.oauth.asking import INACTIVE, Caller, by_form
from tests.oauth.holder import LEFT_OUT, Holder
from tests.oauth.test_states import delete, disable
from tokens.apis import actions
from tokens.apis.actions import ApiDraft
from tokens.models import Api, ApiScope

pytestmark = pytest.mark.django_db


@pytest.fixture
def payroll() -> Caller:
    """The API itself, as it asks."""
    return Caller(Holder(make_account("payroll-api", scopes=[])))


@pytest.fixture
def api(payroll: Caller) -> Api:
    found = make_api(account=payroll.holder.made.account)
    make_scope(found)
    return found


@pytest.fixture
def worker(api: Api) -> Holder:
    """Calls the API."""
    return Holder(make_account("worker", scopes=["pay:read", "fr:am:*"]))


def change(api: Api, *, account: ServiceAccount | None, audience: str = AUDIENCE) -> None:
    api.refresh_from_db()
    draft = ApiDraft(api.name, audience, account=account)
    actions.edit(by=SYSTEM, api=api, draft=draft, revision=api.revision, at=timezone.now())


def post(browser: Client, url: str, data: dict[str, Any]) -> None:
    answer = browser.post(url, data)
    if "step_up_password" in answer.content.decode():
        answer = browser.post(url, data | {"step_up_password": PASSWORD})
    assert answer.status_code == 302, answer.content


def test_from_the_page_of_the_api_to_its_answer(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    """With an address for an audience, and a key as well as a personal access token."""
    itself, browser = make_account("payroll-api", scopes=["fr:am:*"]), client_of(ada)
    typed = {"name": "Payroll", "audience": AUDIENCE, "account": "Payroll-API"}
    post(browser, reverse("apis:new"), typed)
    new_scope = reverse("apis:new_scope", args=[Api.objects.get().pk])
    post(browser, new_scope, {"name": "pay:read", "description": "Read payslips."})
    assert ApiScope.objects.get().name == "pay:read"
    caller = make_account("worker", scopes=["pay:read"], owner=ada)
    shown = Holder(caller).token(scope="pay:read")
    assert claims_of(shown)["aud"] == AUDIENCE
    told = Caller(Holder(itself)).introspect(shown).json()
    assert (told["active"], told["scope"], told["aud"]) == (True, "pay:read", AUDIENCE)
    assert told["sub"] == str(caller.account.pk)
    made = make_token(itself.account.identity, scopes=["fr:am:*"], by=ada)
    without_key = {"client_assertion_type": LEFT_OUT, "client_assertion": LEFT_OUT}
    by_token = Caller(Holder(itself)).introspect(shown, **without_key, **by_form(made))
    assert by_token.json()["active"] is True
    stranger = Caller(Holder(make_account("other-api", scopes=["fr:am:*", "pay:read"])))
    assert stranger.introspect(shown).content == INACTIVE


def test_it_learns_nothing_of_tokens_for_anybody_else(
    payroll: Caller, api: Api, worker: Holder
) -> None:
    make_scope(make_api("Other", "https://other.example.com"), "other:read")
    other = Holder(make_account("other", scopes=["other:read"]))
    assert payroll.introspect(worker.token(scope="pay:read")).json()["active"] is True
    assert payroll.introspect(worker.token(scope="fr:am:*")).content == INACTIVE
    assert payroll.introspect(other.token(scope="other:read")).content == INACTIVE


def test_it_asks_and_never_revokes(payroll: Caller, worker: Holder) -> None:
    token = worker.token(scope="pay:read")
    assert payroll.revoke(token).status_code == 200
    assert payroll.introspect(token).json()["active"] is True


def test_another_account_asks_from_the_next_call_on(
    payroll: Caller, api: Api, worker: Holder
) -> None:
    token = worker.token(scope="pay:read")
    new = Caller(Holder(make_account("payroll-api-2", scopes=[])))
    assert new.introspect(token).content == INACTIVE
    change(api, account=new.holder.made.account)
    assert payroll.introspect(token).content == INACTIVE
    assert new.introspect(token).json()["active"] is True
    change(api, account=None)
    assert new.introspect(token).content == INACTIVE
    assert Caller(worker).introspect(token).json()["active"] is True, "its own, as ever"


@pytest.mark.parametrize("stop", [disable, delete])
def test_an_account_that_is_stopped_asks_nothing(
    stop: Callable[..., None], payroll: Caller, worker: Holder
) -> None:
    token = worker.token(scope="pay:read")
    stop(payroll.holder.made, timezone.now())
    answer = payroll.introspect(token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_token_that_holds_no_longer_is_inactive_to_the_api_too(
    payroll: Caller, worker: Holder
) -> None:
    token = worker.token(scope="pay:read")
    Caller(worker).revoke(token)
    assert payroll.introspect(token).content == INACTIVE


def test_one_audience_may_be_spelled_in_two_ways(payroll: Caller, api: Api, worker: Holder) -> None:
    token = worker.token(scope="pay:read")
    account = payroll.holder.made.account
    change(api, account=account, audience=AUDIENCE.replace(".com/", ".com:443/"))
    assert payroll.introspect(token).json()["active"] is True
    change(api, account=account, audience="https://moved.example.com/api")
    assert payroll.introspect(token).content == INACTIVE, "it is meant for the old one"


def test_one_account_may_be_that_of_several_apis(payroll: Caller, worker: Holder) -> None:
    account = payroll.holder.made.account
    make_scope(make_api("Other", "urn:example:other", account=account), "other:read")
    caller = Holder(make_account("caller", scopes=["pay:read", "other:read"]))
    for scope in ("pay:read", "other:read"):
        assert payroll.introspect(caller.token(scope=scope)).json()["active"] is True


def test_whatever_it_asks_about_costs_the_same(payroll: Caller, worker: Holder) -> None:
    """Nobody can tell by the time whether a token that is none of theirs holds."""

    def statements(token: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            payroll.introspect(token)
        return len(captured)

    asked = [worker.token(scope="pay:read"), worker.token(scope="fr:am:*"), "x", "a.b.c"]
    payroll.introspect(asked[0])
    assert len({statements(token) for token in asked}) == 1
