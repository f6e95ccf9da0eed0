"""Which account elsewhere is whose here: linked by oneself, or by an address that both confirm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import resetting
from accounts.models import Identity, SignInProvider, SsoLink
from accounts.sign_in_providers import linking
from tests.factories import make_person
from tests.sign_in_providers.conftest import (
    address_on,
    confirmed,
    is_in,
    set_up,
    sign_in,
    visit,
)
from tests.sign_in_providers.oidc_provider import OidcProvider

ClientOf = Callable[[Identity], Client]
pytestmark = pytest.mark.django_db
EMAIL = {"email": "otto@example.com", "email_verified": True}


@pytest.fixture
def by_email(provider: SignInProvider, there: OidcProvider) -> SignInProvider:
    there.claims = dict(EMAIL)
    return set_up(provider, links_by_email=True)


def test_nobody_is_signed_up(client: Client, provider: SignInProvider, there: OidcProvider) -> None:
    there.claims = {"email": "new@example.com", "email_verified": True}
    before = Identity.objects.get_queryset().count()
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    set_up(provider, links_by_email=True)
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    assert Identity.objects.get_queryset().count() == before
    assert not SsoLink.objects.exists()


def test_a_verified_address_links_only_where_the_tenant_says_so(
    client: Client, provider: SignInProvider, there: OidcProvider, otto: Identity
) -> None:
    confirmed(otto)
    there.claims = dict(EMAIL)
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    set_up(provider, links_by_email=True)

    assert sign_in(client, provider)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(otto.pk)
    link = SsoLink.objects.get()
    assert (link.subject, link.label) == ("subject-1", "otto@company.example")
    assert Event.objects.get(action="identity.sso_linked").detail["how"] == "by e-mail"


@pytest.mark.parametrize(
    "claims",
    [
        EMAIL | {"email_verified": False},
        EMAIL | {"email_verified": "true"},
        {"email": "otto@example.com"},
        EMAIL | {"email": ["otto@example.com"]},
        EMAIL | {"email": ""},
        {"preferred_username": "otto", "email_verified": True},
    ],
)
def test_an_address_that_is_not_verified_links_nobody(
    client: Client,
    by_email: SignInProvider,
    there: OidcProvider,
    otto: Identity,
    claims: dict[str, Any],
) -> None:
    confirmed(otto)
    there.claims = claims
    assert sign_in(client, by_email)["Location"] == "/sign-in/"
    assert not SsoLink.objects.exists()


def test_an_address_that_only_others_wrote_links_nobody(
    client: Client, by_email: SignInProvider, otto: Identity
) -> None:
    """A directory that writes e-mail addresses is no way into other people's accounts."""
    assert sign_in(client, by_email)["Location"] == "/sign-in/"
    confirmed(otto, "before@example.com")
    assert sign_in(client, by_email)["Location"] == "/sign-in/"
    confirmed(otto)
    assert sign_in(client, by_email)["Location"] == "/"


def test_an_address_of_two_links_neither(
    client: Client, by_email: SignInProvider, otto: Identity, ada: Identity
) -> None:
    confirmed(otto)
    Identity.objects.get_queryset().filter(pk=ada.pk).update(
        email="OTTO@example.com", disabled_at=timezone.now(), disabled_by="x"
    )
    assert sign_in(client, by_email)["Location"] == "/sign-in/"


def test_a_second_account_there_does_not_take_the_place_of_the_first(
    client: Client, by_email: SignInProvider, otto: Identity, there: OidcProvider
) -> None:
    confirmed(otto)
    sign_in(client, by_email)
    there.claims = EMAIL | {"sub": "subject-2"}
    other = Client()
    assert sign_in(other, by_email)["Location"] == "/sign-in/"
    assert SsoLink.objects.count() == 1


def test_who_has_not_registered_does_not_come_in(
    client: Client, by_email: SignInProvider, otto: Identity
) -> None:
    confirmed(otto)
    otto.set_unusable_password()
    otto.save()
    assert sign_in(client, by_email)["Location"] == "/sign-in/"
    assert not is_in(client)


def test_the_address_may_come_from_user_info(
    client: Client, by_email: SignInProvider, otto: Identity, there: OidcProvider
) -> None:
    confirmed(otto)
    there.claims, there.user_info = {}, EMAIL | {"sub": "somebody-else"}
    assert sign_in(client, by_email)["Location"] == "/sign-in/"
    there.user_info = dict(EMAIL)
    assert sign_in(client, by_email)["Location"] == "/"


def linked(browser: Client, provider: SignInProvider) -> Any:
    answer = browser.post(f"/profile/sign-in-providers/{provider.pk}/link/")
    assert answer.status_code == 200
    return browser.get(visit(address_on(answer)), follow=True)


def test_one_links_ones_own(
    client_of: ClientOf, client: Client, provider: SignInProvider, otto: Identity
) -> None:
    page = linked(client_of(otto), provider).content.decode()
    assert "You can sign in by Company account now, as otto@company.example." in page
    assert sign_in(client, provider)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(otto.pk)


def test_an_account_of_somebody_else_is_not_linked(
    client_of: ClientOf, provider: SignInProvider, link: SsoLink, mallory: Identity
) -> None:
    page = linked(client_of(mallory), provider).content.decode()
    assert "linked to somebody else already" in page
    assert SsoLink.objects.get() == link


def test_a_link_is_for_who_began_it(
    client_of: ClientOf, provider: SignInProvider, otto: Identity, mallory: Identity
) -> None:
    """Neither in another session, nor after somebody else has signed in in the same browser."""
    browser = client_of(mallory)
    answer = browser.post(f"/profile/sign-in-providers/{provider.pk}/link/")
    back = visit(address_on(answer))
    assert client_of(otto).get(back)["Location"] == "/"
    kept = dict(browser.session["steward_sso"])
    browser.force_login(otto, backend="console.sign_in.backends.PasswordBackend")
    session = browser.session
    session["steward_sso"] = kept
    session.save()
    assert browser.get(back)["Location"] == "/"
    assert not SsoLink.objects.exists()


def test_one_unlinks_ones_own_and_nobody_elses(
    client_of: ClientOf, client: Client, provider: SignInProvider, link: SsoLink, mallory: Identity
) -> None:
    path = f"/profile/sign-in-providers/{link.pk}/unlink/"
    assert client_of(mallory).post(path).status_code == 404
    otto = client_of(link.identity)
    assert "Unlink Company account" in otto.get(path).content.decode()
    assert otto.post(path)["Location"] == "/profile/sign-in-providers/"
    assert not SsoLink.objects.exists()
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    assert "link" in otto.get("/profile/sign-in-providers/").content.decode()


def test_whoever_starts_over_has_no_links(link: SsoLink, ada: Identity) -> None:
    resetting.reset(by=ada, identity=link.identity, at=timezone.now())
    assert not SsoLink.objects.exists()
    assert Event.objects.get(action="identity.reset").detail["sso_links_ended"] == 1


def test_of_two_who_link_one_account_one_succeeds(provider: SignInProvider, otto: Identity) -> None:
    from accounts.sign_in_providers.kinds.base import NotProved, Proof

    now = timezone.now()
    proof = Proof(subject="s", proof_id="p", expires_at=now)
    linking.link(by=otto, provider=provider, proof=proof, at=now)
    with pytest.raises(NotProved):
        linking.link(by=make_person("other"), provider=provider, proof=proof, at=now)
    again = Proof(subject="s", proof_id="p2", expires_at=now)
    with pytest.raises(linking.LinkedElsewhere):
        linking.link(by=make_person("third"), provider=provider, proof=again, at=now)
    assert linking.link(by=otto, provider=provider, proof=again, at=now).identity == otto
    assert linking.forget_used(now=now) == 0
