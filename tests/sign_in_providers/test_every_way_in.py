"""Whoever may not sign in comes in by none of the ways that there are; nor does SSO only leak."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.identities import resets
from accounts.models import Identity, SignInProvider, SsoLink
from accounts.sign_in_providers import sso_only
from tests.factories.people import PASSWORD
from tests.factories.sign_in_providers import make_link, make_provider
from tests.second_factors.apps import STEP, code, first_step, set_up
from tests.second_factors.security_key import HERE, SecurityKey
from tests.second_factors.test_passkeys import add, alone
from tests.sign_in_providers import conftest as by_oidc
from tests.sign_in_providers import saml_provider
from tests.sign_in_providers import test_saml_sign_in as by_saml
from tests.sign_in_providers.conftest import is_in

ClientOf = Callable[[Identity], Client]
pytestmark = pytest.mark.django_db
WAYS = ("password", "passkey", "oidc", "saml", "session")


@pytest.fixture(autouse=True)
def with_a_name(settings: Any) -> None:
    settings.STEWARD_PUBLIC_URL = HERE


@pytest.fixture
def ways(
    client_of: ClientOf, otto: Identity, provider: SignInProvider, link: SsoLink
) -> Iterator[dict[str, Callable[[], Client]]]:
    """How Otto may come in; each answers a browser in which that was tried."""
    before = client_of(otto)
    with saml_provider.running() as there:
        second = make_provider("SAML")
        by_oidc.set_up(second, kind="saml", issuer=there.issuer, config=by_saml.config(there))
        SsoLink.objects.create(
            provider=second, identity=otto, subject="subject-1", linked_at=timezone.now()
        )

        def password() -> Client:
            browser = Client()
            browser.post("/sign-in/", {"login": "otto", "password": PASSWORD})
            return browser

        def passkey() -> Client:
            browser = Client()
            alone(browser, key)
            return browser

        def oidc() -> Client:
            browser = Client()
            by_oidc.sign_in(browser, provider)
            return browser

        def saml() -> Client:
            browser = Client()
            by_saml.sign_in(browser, second)
            return browser

        def session() -> Client:
            before.get("/profile/")
            return before

        key = SecurityKey()
        by_hand = {"password": password, "oidc": oidc, "saml": saml, "session": session}
        for name, way in by_hand.items():
            assert is_in(way()), name
        add(before, key)
        assert is_in(passkey())
        yield by_hand | {"passkey": passkey}


def disable(person: Identity, ada: Identity) -> None:
    identities.disable(by=ada, identity=person, at=timezone.now())


def delete(person: Identity, ada: Identity) -> None:
    identities.delete(by=ada, identity=person, at=timezone.now())


def for_programs(person: Identity, ada: Identity) -> None:
    Identity.objects.get_queryset().filter(pk=person.pk).update(web_services_only=True)


@pytest.mark.parametrize("end", [disable, delete, for_programs])
def test_who_may_not_sign_in_comes_in_by_no_way(
    ways: dict[str, Callable[[], Client]],
    otto: Identity,
    ada: Identity,
    end: Callable[[Identity, Identity], None],
) -> None:
    assert ways.keys() == set(WAYS)
    end(otto, ada)
    assert {name: is_in(way()) for name, way in ways.items() if name != "session"} == dict.fromkeys(
        ways.keys() - {"session"}, False
    )
    assert ways["session"]().get("/profile/").status_code == 302
    assert resets.ask(typed="otto", at=timezone.now()) is None


def test_where_only_providers_let_people_in_no_other_way_does(
    ways: dict[str, Callable[[], Client]], otto: Identity, ada: Identity
) -> None:
    link = make_link(ada, SignInProvider.objects.get(kind="oidc"))
    SsoLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
    sso_only.set_rule(by=ada, is_on=True, named=[], at=timezone.now())
    came = {name: ways[name]() for name in ("password", "passkey", "oidc", "saml")}
    # Otto has a passkey by now: providers lead him to the second step
    assert {name for name, browser in came.items() if browser.get(STEP).status_code == 200} == {
        "oidc",
        "saml",
    }
    assert not any(map(is_in, came.values()))


def test_it_holds_between_the_two_steps(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    secret, _codes = set_up(client_of(otto))
    browser = first_step(otto)
    link = make_link(ada)
    SsoLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
    sso_only.set_rule(by=ada, is_on=True, named=[], at=timezone.now())
    browser.post(STEP, {"code": code(secret, steps=1)})
    assert not is_in(browser)


def test_the_second_step_after_a_provider_ends_in(
    client_of: ClientOf, provider: SignInProvider, link: SsoLink, ada: Identity
) -> None:
    secret, _codes = set_up(client_of(link.identity))
    adas = make_link(ada, provider)
    SsoLink.objects.filter(pk=adas.pk).update(used_at=timezone.now())
    sso_only.set_rule(by=ada, is_on=True, named=[], at=timezone.now())
    browser = Client()
    assert by_oidc.sign_in(browser, provider)["Location"] == STEP
    browser.post(STEP, {"code": code(secret, steps=1)})
    assert is_in(browser)
