"""GUI access is offered to be taken away once a program uses the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity, ServiceAccount
from tests.factories import make_account
from tests.factories.people import PASSWORD
from tests.factories.uses import call

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(otto: Identity) -> ServiceAccount:
    """It has a password, and was used by nobody yet."""
    account = make_account("audit01", owner=otto).account
    account.identity.set_password(PASSWORD)
    account.identity.save(update_fields=["password"])
    return account


def page(browser: Client, account: ServiceAccount, path: str = "") -> str:
    return browser.get(f"/service-accounts/{account.pk}/{path}").content.decode()


def test_it_is_offered_once_a_call_has_succeeded(
    client_of: ClientOf, account: ServiceAccount, otto: Identity, ada: Identity
) -> None:
    offer = "It is ready to be for web services only"
    owner, admin = client_of(otto), client_of(ada)
    assert offer not in page(owner, account)
    call(account.identity)
    for browser in (owner, admin):
        assert offer in page(browser, account)
        assert "A program uses it, and it can still sign in." in browser.get("/").content.decode()


def test_its_owner_takes_it_away_and_an_administrator_gives_it_back(
    client_of: ClientOf, account: ServiceAccount, otto: Identity, ada: Identity
) -> None:
    call(account.identity)
    owner, admin = client_of(otto), client_of(ada)
    assert "Whoever is signed in as it now is signed out." in page(owner, account, "gui-access/")
    owner.post(f"/service-accounts/{account.pk}/gui-access/")
    account.identity.refresh_from_db()
    assert account.identity.web_services_only
    seen = page(owner, account)
    assert "Yes: it signs in nowhere" in seen
    assert "is ready to be" not in seen
    assert "already" in page(owner, account, "gui-access/")

    assert owner.post(f"/service-accounts/{account.pk}/gui-access/restore/").status_code == 403
    assert "Give GUI access back" in page(admin, account)
    admin.post(f"/service-accounts/{account.pk}/gui-access/restore/")
    account.identity.refresh_from_db()
    assert not account.identity.web_services_only


def test_others_neither_see_nor_do_it(
    client_of: ClientOf, account: ServiceAccount, vera: Identity, mallory: Identity
) -> None:
    call(account.identity)
    path = f"/service-accounts/{account.pk}/gui-access/"
    assert client_of(mallory).post(path).status_code == 404
    assert client_of(vera).post(path).status_code == 403
    assert "Remove GUI access" not in page(client_of(vera), account)
    assert client_of(vera).get(path + "restore/").status_code == 403
    account.identity.refresh_from_db()
    assert not account.identity.web_services_only


def test_what_is_missing_is_said_and_the_form_refuses_likewise(
    client_of: ClientOf, account: ServiceAccount, otto: Identity
) -> None:
    owner, path = client_of(otto), f"/service-accounts/{account.pk}/gui-access/"
    never = make_account("never", owner=otto).account
    for one, said in (
        (account, "No program has made a successful API call"),
        (never, "Nobody has registered to sign in as it"),
    ):
        address = f"/service-accounts/{one.pk}/gui-access/"
        assert said in page(owner, one)
        assert f'href="{address}"' not in page(owner, one)
        assert said in page(owner, one, "gui-access/")
        assert owner.post(address).status_code == 409
        one.identity.refresh_from_db()
        assert not one.identity.web_services_only
    assert "No, but nobody has registered" in page(owner, never)
    call(account.identity)
    assert f'href="{path}"' in page(owner, account)


def test_an_administrator_takes_it_before_that_and_is_told_that_it_is_early(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    never = make_account("never", owner=otto).account
    admin, path = client_of(ada), f"/service-accounts/{never.pk}/gui-access/"
    assert f'href="{path}"' in page(admin, never)
    question = page(admin, never, "gui-access/")
    assert "It is early for that" in question
    assert "Nobody has registered to sign in as it" in question
    assert admin.post(path).status_code == 302
    never.identity.refresh_from_db()
    assert never.identity.web_services_only


def test_who_is_using_it_stands_on_the_question(
    client_of: ClientOf, account: ServiceAccount, otto: Identity
) -> None:
    call(account.identity)
    question = page(client_of(otto), account, "gui-access/")
    assert "192.0.2.7" in question
    assert "Nothing has used it" not in question
