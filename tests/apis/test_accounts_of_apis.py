"""Who an API is when it asks about tokens is chosen on its page, and told there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.lib.names import BadText
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from tests.bundles.tenants import exported, imported
from tests.factories import make_account
from tests.factories.apis import AUDIENCE, make_api
from tests.factories.people import PASSWORD
from tokens.apis import actions
from tokens.apis.actions import ApiDraft
from tokens.models import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of: Callable[[Identity], Client], ada: Identity) -> Client:
    return client_of(ada)


@pytest.fixture
def account() -> ServiceAccount:
    return make_account("payroll-api", scopes=[]).account


def saved(browser: Client, api: Api, **changes: Any) -> str:
    """The page after saving; "" where it was saved."""
    api.refresh_from_db()
    data = {"name": api.name, "audience": api.audience, "revision": api.revision} | changes
    url = reverse("apis:edit", args=[api.pk])
    answer = browser.post(url, data)
    if "step_up_password" in answer.content.decode():
        answer = browser.post(url, data | {"step_up_password": PASSWORD})
    return "" if answer.status_code == 302 else answer.content.decode()


def page_of(browser: Client, api: Api) -> str:
    return browser.get(reverse("apis:detail", args=[api.pk])).content.decode()


def edit_page(browser: Client, api: Api) -> str:
    url = reverse("apis:edit", args=[api.pk])
    browser.post(url, {"step_up_password": PASSWORD})
    return browser.get(url).content.decode()


def test_it_is_chosen_by_name_or_id_and_told_on_the_pages(
    admin: Client, account: ServiceAccount
) -> None:
    api = make_api()
    assert "None: it cannot ask whether a token still holds" in page_of(admin, api)
    for typed in ("Payroll-API", str(account.pk), f" {account.pk.hex} "):
        assert saved(admin, api, account="") == ""
        assert saved(admin, api, account=typed) == ""
        api.refresh_from_db()
        assert api.account == account
    page = page_of(admin, api)
    assert f'<a href="{reverse("service_accounts:detail", args=[account.pk])}">payroll-api' in page
    assert "/oauth/introspect" in page
    assert "cannot ask about tokens" not in page
    assert 'value="payroll-api"' in edit_page(admin, api)
    assert "payroll-api" in admin.get(reverse("apis:list")).content.decode()


@pytest.mark.parametrize("typed", ["nobody", str(uuid4()), "ada", "x" * 300, "<b>"])
def test_what_is_no_service_account_is_refused_at_the_field(
    admin: Client, account: ServiceAccount, typed: str
) -> None:
    api = make_api(account=account)
    page = saved(admin, api, account=typed)
    assert "There is no service account with the name or ID" in page
    assert 'id="id_account_error"' in page
    assert "<b>" not in page
    api.refresh_from_db()
    assert api.account == account


def test_the_change_stands_in_the_audit_log(
    admin: Client, ada: Identity, account: ServiceAccount
) -> None:
    api = make_api()
    saved(admin, api, account="payroll-api")
    saved(admin, api, account="")
    first, second = Event.objects.filter(action="own_api.edited").order_by("pk")
    told = {"service_account": f"payroll-api ({account.pk})"}
    nobody = {"service_account": ""}
    assert (first.actor_label, first.detail["before"], first.detail["after"]) == (
        ada.user_name,
        nobody,
        told,
    )
    assert (second.detail["before"], second.detail["after"]) == (told, nobody)
    page = admin.get(reverse("audit:detail", args=[first.pk])).content.decode()
    assert "Service account" in page


def test_an_api_whose_account_is_stopped_says_so(admin: Client, account: ServiceAccount) -> None:
    api, now = make_api(account=account), timezone.now()
    service_accounts.disable(by=SYSTEM, account=account, at=now)
    assert "payroll-api is disabled. Enable it" in page_of(admin, api)
    service_accounts.enable(by=SYSTEM, account=account, at=now)
    ServiceAccount.objects.filter(pk=account.pk).update(ends_at=now - timedelta(days=1))
    assert "payroll-api has ended." in page_of(admin, api)
    service_accounts.delete(by=SYSTEM, account=account, at=now)
    page = page_of(admin, api)
    assert "payroll-api is deleted. Choose another one." in page
    assert f'href="{reverse("service_accounts:detail", args=[account.pk])}"' not in page


def test_of_a_deleted_account_the_rest_can_be_changed_still(
    admin: Client, account: ServiceAccount
) -> None:
    api = make_api(account=account)
    service_accounts.delete(by=SYSTEM, account=account, at=timezone.now())
    namesake = make_account("payroll-api").account
    assert f'value="{account.pk}"' in edit_page(admin, api)
    assert saved(admin, api, account=str(account.pk), description="Pays.") == ""
    api.refresh_from_db()
    assert (api.account, api.description) == (account, "Pays.")
    assert saved(admin, api, account="payroll-api") == ""
    api.refresh_from_db()
    assert api.account == namesake
    assert "no service account" in saved(admin, api, account=str(account.pk))


def test_a_deleted_account_is_not_chosen(ada: Identity, account: ServiceAccount) -> None:
    now = timezone.now()
    api = make_api("Other", "urn:other")
    service_accounts.delete(by=SYSTEM, account=account, at=now)
    with pytest.raises(BadText) as new:
        actions.create(by=ada, draft=ApiDraft("Pay", AUDIENCE, account=account), at=now)
    draft = ApiDraft("Other", "urn:other", account=account)
    with pytest.raises(BadText) as old:
        actions.edit(by=ada, api=api, draft=draft, revision=1, at=now)
    assert new.value.field == old.value.field == "account"
    assert Api.objects.get().account is None


def test_the_page_of_the_account_says_for_which_apis_it_asks(
    admin: Client, account: ServiceAccount
) -> None:
    url = reverse("service_accounts:detail", args=[account.pk])
    assert "Asks about tokens" not in admin.get(url).content.decode()
    make_api("<b>Payroll</b>", account=account)
    page = admin.get(url).content.decode()
    assert "Asks about tokens for the API</dt>" in page
    assert "&lt;b&gt;Payroll&lt;/b&gt;" in page
    make_api("Orders", "urn:example:orders", account=account)
    assert "Asks about tokens for the APIs</dt>" in admin.get(url).content.decode()


def test_who_stops_the_account_is_told_of_the_api(admin: Client, account: ServiceAccount) -> None:
    stop = [
        reverse(f"service_accounts:{name}", args=[account.pk]) for name in ("disable", "delete")
    ]
    assert "ask whether a token" not in admin.get(stop[0]).content.decode()
    make_api(account=account)
    for url in stop:
        answer = admin.get(url)
        if "step_up_password" in answer.content.decode():
            answer = admin.post(url, {"step_up_password": PASSWORD})
        assert "The API Payroll can no longer ask" in answer.content.decode()


def test_a_bundle_leaves_each_environment_its_own(account: ServiceAccount) -> None:
    api = make_api(account=account)
    text = exported()
    assert "payroll-api" not in text
    assert str(account.pk) not in text
    imported(text.replace(AUDIENCE, "https://payroll.example.org/api"))
    api.refresh_from_db()
    assert (api.account, api.audience) == (account, "https://payroll.example.org/api")
