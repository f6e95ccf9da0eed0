"""The pages below Tenant settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Event, Identity
from console.ui.confirmation import CONFIRMED_AT
from tests.factories.people import PASSWORD
from tokens.models import SigningKey
from tokens.scopes.files import installed

SignedIn = Callable[[Identity], Client]
SETTINGS = "/tenant-settings/"
GLOBAL = "/tenant-settings/global/"
SCOPES = "/tenant-settings/scopes/"
ROTATE = "/tenant-settings/global/signing-key/"


def test_the_documented_path_leads_to_the_service_accounts(
    client_of: SignedIn, ada: Identity
) -> None:
    """TENANT menu > Tenant settings > Global Settings > Service Accounts."""
    client = client_of(ada)
    menu = client.get("/").content.decode()
    assert "TENANT" in menu
    assert f'href="{SETTINGS}"' in menu
    assert f'href="{GLOBAL}"' in client.get(SETTINGS).content.decode()
    assert 'href="/service-accounts/"' in client.get(GLOBAL).content.decode()


def test_each_page_below_the_settings_has_its_card(client_of: SignedIn, ada: Identity) -> None:
    page = client_of(ada).get(SETTINGS).content.decode()
    cards = page[page.index('<h3><a href="') :]
    names = ("global", "time-zone", "sign-in", "user-levels", "scopes", "apis", "mail-templates")
    for name in (*names, "bundles"):
        assert f'<a href="{SETTINGS}{name}/">' in cards, name


def test_a_basic_user_has_no_tenant_menu_and_no_settings(
    client_of: SignedIn, mallory: Identity
) -> None:
    client = client_of(mallory)
    menu = client.get("/").content.decode()
    assert "TENANT" not in menu
    assert SETTINGS not in menu
    for url in (SETTINGS, GLOBAL, SCOPES, ROTATE):
        assert client.get(url).status_code == 403


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    for url in (SETTINGS, GLOBAL, SCOPES, ROTATE):
        assert client.get(url).headers["Location"].startswith("/sign-in/")


def test_pages_that_only_show_take_no_post(client_of: SignedIn, ada: Identity) -> None:
    for url in (SETTINGS, SCOPES):
        assert client_of(ada).post(url).status_code == 405


def test_the_environment_is_named_and_that_accounts_are_not_promoted(
    client_of: SignedIn, vera: Identity
) -> None:
    page = client_of(vera).get(SETTINGS).content.decode()
    assert "development" in page
    assert "They are never promoted from one to another." in page


def test_the_facts_of_the_token_service_are_those_of_its_metadata(
    client_of: SignedIn, vera: Identity
) -> None:
    metadata = Client().get("/.well-known/oauth-authorization-server").json()
    page = client_of(vera).get(GLOBAL).content.decode()
    for name in ("issuer", "token_endpoint", "jwks_uri"):
        assert f"<code>{metadata[name]}</code>" in page, name
    assert "899 seconds" in page


def test_every_scope_is_listed_with_what_marks_it(client_of: SignedIn, vera: Identity) -> None:
    page = client_of(vera).get(SCOPES).content.decode()
    for name in installed():
        assert name in page
    for mark in ("Restricted", "Under development", "Add-on"):
        assert mark in page


def test_rotating_says_first_what_it_does_and_then_does_it(
    client_of: SignedIn, ada: Identity
) -> None:
    Client().get("/.well-known/jwks.json")
    first = SigningKey.objects.get()
    client = client_of(ada)
    assert "What will happen" in client.get(ROTATE).content.decode()
    assert SigningKey.objects.count() == 1, "looking does nothing"
    page = client.post(ROTATE, follow=True).content.decode()
    assert "is published" in page
    assert [state in page for state in ("Signs tokens", "Published, signs later")] == [True, True]
    assert SigningKey.objects.count() == 2
    first.refresh_from_db()
    assert first.retired_at is not None
    assert Event.objects.get(action="signing_key.rotated").actor_label == "ada"


def test_rotating_asks_for_the_password_again(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    session = client.session
    session[CONFIRMED_AT] = 0.0
    session.save()
    answer = client.post(ROTATE)
    assert "step_up_password" in answer.content.decode()
    assert not SigningKey.objects.exists()
    client.post(ROTATE, {"step_up_password": PASSWORD})
    assert SigningKey.objects.exists()


def test_an_auditor_does_not_rotate(client_of: SignedIn, vera: Identity) -> None:
    client = client_of(vera)
    assert client.get(ROTATE).status_code == 403
    assert client.post(ROTATE).status_code == 403
    assert not SigningKey.objects.exists()


def test_who_counts_as_administrator_is_said_where_a_second_factor_is_asked_of_them(
    client_of: SignedIn, ada: Identity
) -> None:
    page = client_of(ada).get(f"{SETTINGS}sign-in/").content.decode()
    assert "whom a role, by itself or by a group, gives a permission in this console" in page
    assert "Auditor or Role Admin, do not count" in page


def test_the_time_zone_says_that_pages_are_in_utc(client_of: SignedIn, ada: Identity) -> None:
    assert "pages are UTC" in client_of(ada).get(f"{SETTINGS}time-zone/").content.decode()
