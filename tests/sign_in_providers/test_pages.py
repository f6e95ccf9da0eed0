"""Administrators set providers up, try them and let people sign in by them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity, ProviderSecret, SignInProvider, SsoLink
from accounts.sign_in_providers import actions, secrets
from accounts.sign_in_providers.actions import Draft
from accounts.sign_in_providers.kinds.base import BadProvider
from tests.sign_in_providers.conftest import CONFIG, address_on, visit
from tests.sign_in_providers.oidc_provider import CLIENT_SECRET, OidcProvider

ClientOf = Callable[[Identity], Client]
pytestmark = pytest.mark.django_db
BASE = "/tenant-settings/sign-in-providers/"
TYPED = {
    "name": "Login",
    "issuer": "https://login.example.com",
    "secret": "top-secret-1",
    **CONFIG,
}


def test_one_is_set_up_and_its_secret_never_shown(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    assert browser.get(f"{BASE}new/oidc/").status_code == 200
    answer = browser.post(f"{BASE}new/oidc/", TYPED)
    made = SignInProvider.objects.get()
    assert answer["Location"] == f"{BASE}{made.pk}/"
    assert not made.is_enabled
    assert secrets.plain(made) == "top-secret-1"
    assert b"top-secret-1" not in bytes(ProviderSecret.objects.get().blob)
    for path in ("", f"{made.pk}/", f"{made.pk}/edit/"):
        page = browser.get(BASE + path).content.decode()
        assert "Login" in page
        assert "top-secret-1" not in page
    assert f"/sign-in/sso/{made.pk}/callback/" in browser.get(f"{BASE}{made.pk}/").content.decode()
    assert "top-secret-1" not in str(list(Event.objects.values()))
    assert "Login" not in Client().get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("issuer", ""),
        ("issuer", "login.example.com"),
        ("issuer", "https://login.example.com/?tenant=1"),
        ("issuer", "https://user:word@login.example.com/"),
        ("issuer", "file:///etc/passwd"),
        ("client_id", ""),
        ("secret", "two\nlines"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(
    client_of: ClientOf, ada: Identity, field: str, value: str
) -> None:
    answer = client_of(ada).post(f"{BASE}new/oidc/", TYPED | {field: value})
    assert answer.status_code == 200
    assert f'id="id_{field}' in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not SignInProvider.objects.exists()


def test_a_name_is_taken_once(client_of: ClientOf, ada: Identity, provider: SignInProvider) -> None:
    page = client_of(ada).post(f"{BASE}new/oidc/", TYPED | {"name": "COMPANY  account"})
    assert "Another provider has this name" in page.content.decode()


def test_it_is_changed_but_not_its_issuer(
    client_of: ClientOf, ada: Identity, provider: SignInProvider
) -> None:
    browser, issuer = client_of(ada), provider.issuer
    path = f"{BASE}{provider.pk}/edit/"
    typed = TYPED | {"name": "New name", "revision": "1", "secret": "", "links_by_email": "on"}
    assert browser.post(path, typed)["Location"] == f"{BASE}{provider.pk}/"
    provider.refresh_from_db()
    assert (provider.name, provider.issuer, provider.revision) == ("New name", issuer, 2)
    assert provider.links_by_email
    assert secrets.plain(provider) == CLIENT_SECRET
    assert "Someone else changed" in browser.post(path, typed).content.decode()
    browser.post(path, typed | {"revision": "2", "forget_secret": "on"})
    assert secrets.plain(provider) == ""
    assert Event.objects.filter(action="sign_in_provider.edited").count() == 2


def test_it_is_really_asked(
    client_of: ClientOf, ada: Identity, provider: SignInProvider, there: OidcProvider
) -> None:
    browser = client_of(ada)
    page = browser.post(f"{BASE}{provider.pk}/look/").content.decode()
    assert f"{there.issuer}/token" in page
    assert there.asked == ["/.well-known/openid-configuration", "/keys"]
    there.told = {"jwks_uri": f"{there.issuer}/nowhere"}
    page = browser.post(f"{BASE}{provider.pk}/look/", follow=True).content.decode()
    assert "It does not work yet. 127.0.0.1 answered with status 404." in page


def test_trying_shows_what_it_says_and_lets_nobody_in(
    client_of: ClientOf, ada: Identity, provider: SignInProvider, link: SsoLink
) -> None:
    actions.disable(by=ada, provider=provider, at=timezone.now())
    browser = client_of(ada)
    out = browser.post(f"{BASE}{provider.pk}/try/")
    page = browser.get(visit(address_on(out)))
    assert "no-store" in page["Cache-Control"]
    text = page.content.decode()
    assert "subject-1" in text
    assert "Who signs in with it is otto here." in text
    assert browser.session["_auth_user_id"] == str(ada.pk)
    link.refresh_from_db()
    assert link.used_at is None
    assert Event.objects.filter(action="sign_in_provider.tried").count() == 1


def test_what_is_wrong_is_said_to_who_tries(
    client_of: ClientOf, ada: Identity, provider: SignInProvider, there: OidcProvider
) -> None:
    browser = client_of(ada)
    out = browser.post(f"{BASE}{provider.pk}/try/")
    there.lie = "wrong_audience"
    page = browser.get(visit(address_on(out)), follow=True).content.decode()
    assert "It does not work yet. The ID token is meant for another application." in page


def test_who_may_not_manage_the_tenant_only_reads(
    client_of: ClientOf, vera: Identity, mallory: Identity, provider: SignInProvider
) -> None:
    reader = client_of(vera)
    assert reader.get(f"{BASE}{provider.pk}/").status_code == 200
    for act in ("edit", "look", "try", "enable", "disable", "remove"):
        assert reader.post(f"{BASE}{provider.pk}/{act}/").status_code == 403
    assert client_of(mallory).get(BASE).status_code == 403


def test_it_is_disabled_enabled_and_removed(
    client_of: ClientOf, ada: Identity, provider: SignInProvider, link: SsoLink
) -> None:
    browser = client_of(ada)
    browser.post(f"{BASE}{provider.pk}/disable/")
    assert "Company account" not in Client().get("/sign-in/").content.decode()
    browser.post(f"{BASE}{provider.pk}/enable/")
    assert "Sign in by Company account" in Client().get("/sign-in/?next=/vault/").content.decode()
    assert "1 link goes" in browser.get(f"{BASE}{provider.pk}/remove/").content.decode()
    browser.post(f"{BASE}{provider.pk}/remove/")
    assert not SignInProvider.objects.exists()
    assert not SsoLink.objects.exists()


def test_there_are_not_too_many(ada: Identity) -> None:
    now = timezone.now()
    for number in range(actions.MOST):
        draft = Draft(f"Provider {number}", CONFIG)
        actions.add(by=ada, kind="oidc", issuer="https://a.example", draft=draft, at=now)
    with pytest.raises(BadProvider):
        actions.add(
            by=ada, kind="oidc", issuer="https://a.example", draft=Draft("X", CONFIG), at=now
        )
