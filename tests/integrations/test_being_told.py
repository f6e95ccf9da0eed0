"""Whoever is about to break a program reads which one it is, and whom to tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Identity, ServiceAccount
from tests.factories import make_account
from tests.factories.integrations import make_integration
from tests.factories.tokens import make_token
from tests.factories.uses import call
from tokens.usage import queries as usage
from tokens.usage.declared import lacking, last_seen, needing, scopes_to_need, undeclared

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(otto: Identity) -> ServiceAccount:
    return make_account("nightly", owner=otto).account


def consumers(account: ServiceAccount) -> list[usage.Consumer]:
    return usage.impact(account, timezone.now()).consumers


@pytest.mark.parametrize(
    "page", ["regenerate-key/", "disable/", "delete/", "revoke-tokens/", "scopes"]
)
def test_every_question_names_the_integrations(
    client_of: ClientOf, ada: Identity, account: ServiceAccount, otto: Identity, page: str
) -> None:
    make_integration(
        account, "Payroll <b>", owner=otto, contact="payroll@corp.example", scopes=["fr:idm:*"]
    )
    make_integration(account, "Reports", application="BI", client="bi/2", scopes=["fr:am:*"])
    browser = client_of(ada)
    if page == "scopes":
        shown = _scopes_question(browser, account)
        assert "Reports" not in shown
    else:
        shown = browser.get(_address(account, page)).content.decode()
        assert "Not seen in this time" in shown
    assert "Payroll &lt;b&gt;" in shown
    assert "contact payroll@corp.example" in shown
    assert "owner Otto" in shown
    assert "Its use is not known" in shown


def _address(account: ServiceAccount, page: str) -> str:
    return f"/service-accounts/{account.pk}/{page}"


def _scopes_question(browser: Client, account: ServiceAccount) -> str:
    typed = {"name": account.name, "scopes": ["fr:am:*"], "revision": account.revision}
    typed |= {"owner": str(account.owner_id), "description": ""}
    return browser.post(_address(account, "edit/"), typed).content.decode()


def test_a_client_that_is_declared_is_named_and_suggested_no_more(account: ServiceAccount) -> None:
    call(account.identity)
    [seen] = consumers(account)
    by_client = make_integration(account, "By client", client="x")
    elsewhere = make_integration(account, "Elsewhere", client="x", address="192.0.2.8")
    unknown = make_integration(account, "Unknown")
    assert undeclared([seen], [elsewhere, unknown]) == [seen]
    assert undeclared([seen], [by_client]) == []
    assert last_seen(by_client, [seen]) == seen.last_at
    assert last_seen(elsewhere, [seen]) is None
    assert last_seen(unknown, [seen]) is None


def test_what_it_lacks_is_what_neither_the_account_nor_a_token_of_it_has(
    account: ServiceAccount,
) -> None:
    needs = ["fr:idm:*", "idn:sources:read", "idn:accounts:read"]
    integration = make_integration(account, scopes=needs)
    make_token(account.identity, scopes=["idn:sources:read"])
    had = scopes_to_need(account, timezone.now())
    assert lacking(integration, had) == ["idn:accounts:read"]


def test_a_program_is_affected_by_what_goes_and_is_not_left(account: ServiceAccount) -> None:
    integration = make_integration(account, scopes=["idn:sources:read"])
    assert needing([integration], gone=["idn:sources:manage"], left=[]) == [integration]
    assert needing([integration], gone=["idn:sources:manage"], left=["idn:sources:read"]) == []
    assert needing([integration], gone=["fr:idm:*"], left=[]) == []
