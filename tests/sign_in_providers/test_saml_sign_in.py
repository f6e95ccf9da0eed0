"""Signing in by a SAML provider that speaks HTTP; what it may lie about is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity, SignInProvider, SsoLink, UsedProof
from accounts.sign_in_providers import actions, sso_only
from accounts.sign_in_providers.actions import Draft
from accounts.sign_in_providers.kinds.base import BadProvider
from accounts.tenant import outgoing
from tests.sign_in_providers import saml_provider
from tests.sign_in_providers.conftest import address_on, confirmed, is_in, set_up
from tests.sign_in_providers.saml_provider import LIES, SamlProvider, key_pair

ClientOf = Callable[[Identity], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Iterator[SamlProvider]:
    with saml_provider.running() as made:
        yield made


def config(there: SamlProvider, **values: str) -> dict[str, str]:
    return {
        "sso_url": there.sso_url,
        "certificates": there.certificate,
        "metadata_url": there.issuer,
        "email_attribute": "email",
        "vouched_domains": "example.com, other.example",
        "name_attribute": "",
    } | values


@pytest.fixture
def provider(db: None, there: SamlProvider) -> SignInProvider:
    now = timezone.now()
    outgoing.set_targets(by=SYSTEM, lines=["127.0.0.1"], at=now)
    draft = Draft("Company account", config(there))
    made = actions.add(by=SYSTEM, kind="saml", issuer=there.issuer, draft=draft, at=now)
    actions.enable(by=SYSTEM, provider=made, at=now)
    made.refresh_from_db()
    return made


@pytest.fixture
def link(provider: SignInProvider, otto: Identity) -> SsoLink:
    return SsoLink.objects.create(
        provider=provider, identity=otto, subject="subject-1", linked_at=timezone.now()
    )


def fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def visit(address: str) -> dict[str, str]:
    """Sign in there as a browser would: what its page then sends to Steward."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    page = connection.getresponse().read().decode()
    connection.close()
    return fields(page)


def brought(browser: Client, provider: SignInProvider, sent: dict[str, str]) -> Any:
    """What becomes of it: from the provider's page, and then from our own."""
    path = f"/sign-in/sso/{provider.pk}/acs/"
    between = Client().post(path, sent)  # a browser sends no cookie of ours from another site
    assert between.status_code == 200
    assert not between.cookies, "and none that it has is replaced"
    again = fields(between.content.decode())
    assert again.pop("again") == "1"
    return browser.post(path, again | {"again": "1"})


def sign_in(browser: Client, provider: SignInProvider, query: str = "") -> Any:
    out = browser.get(f"/sign-in/sso/{provider.pk}/{query}")
    assert out.status_code == 302, out.content
    return brought(browser, provider, visit(out["Location"]))


def refused() -> str:
    return str(Event.objects.filter(action="sign_in.provider_refused").latest("pk").reason)


def test_who_is_linked_comes_in(
    client: Client, provider: SignInProvider, link: SsoLink, there: SamlProvider
) -> None:
    answer = sign_in(client, provider, "?next=/profile/")
    assert answer["Location"] == "/profile/"
    assert client.session["_auth_user_id"] == str(link.identity_id)
    assert Event.objects.get(action="sign_in.succeeded").detail["methods"] == ["sso"]
    assert 'AssertionConsumerServiceURL="' in there.requests[0]
    assert "ForceAuthn" not in there.requests[0]


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_wrong_lets_nobody_in(
    client: Client, provider: SignInProvider, link: SsoLink, there: SamlProvider, lie: str
) -> None:
    SsoLink.objects.create(
        provider=provider,
        identity=Identity.objects.create(
            kind="person",
            user_name="root",
            user_name_key="root",
            display_name="Root",
            origin="console",
            created_at=timezone.now(),
            changed_at=timezone.now(),
            password=link.identity.password,
        ),
        subject="admin",
        linked_at=timezone.now(),
    )
    there.lie = lie
    answer = sign_in(client, provider)

    assert answer["Location"] == "/sign-in/"
    assert not is_in(client)
    assert not UsedProof.objects.exists()
    assert refused()
    there.lie = ""
    assert sign_in(client, provider)["Location"] == "/", "the same without the lie is taken"


def test_an_answer_is_taken_once(client: Client, provider: SignInProvider, link: SsoLink) -> None:
    out = client.get(f"/sign-in/sso/{provider.pk}/")
    before, sent = dict(client.session["steward_sso"]), visit(out["Location"])
    assert brought(client, provider, sent)["Location"] == "/"
    client.post("/sign-out/")
    assert brought(client, provider, sent)["Location"] == "/sign-in/"

    # also where the session still knew the attempt, as one that was copied would
    client.get(f"/sign-in/sso/{provider.pk}/")
    session = client.session
    session["steward_sso"] = before
    session.save()
    assert brought(client, provider, sent)["Location"] == "/sign-in/"
    assert not is_in(client)
    assert "used already" in refused()


def test_the_answer_of_another_browser_lets_nobody_in(
    client: Client, provider: SignInProvider, link: SsoLink
) -> None:
    sent = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    other = Client()
    other.get(f"/sign-in/sso/{provider.pk}/")
    assert brought(other, provider, sent)["Location"] == "/sign-in/"
    assert not is_in(other)


def test_what_nobody_asked_for_lets_nobody_in(
    client: Client, provider: SignInProvider, link: SsoLink
) -> None:
    sent = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    for state in ("", "/profile/", "https://elsewhere.example/"):
        answer = brought(client, provider, sent | {"RelayState": state})
        assert answer["Location"] == "/sign-in/"
    assert brought(client, provider, {"SAMLResponse": sent["SAMLResponse"]})["Location"]
    assert not is_in(client)
    assert client.post(f"/sign-in/sso/{provider.pk}/acs/", sent).status_code == 200
    assert not is_in(client), "what comes from another site does nothing by itself"


def test_the_answer_to_another_attempt_of_the_same_browser_is_refused(
    client: Client, provider: SignInProvider, link: SsoLink
) -> None:
    first = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    second = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    mixed = first | {"RelayState": second["RelayState"]}
    assert brought(client, provider, mixed)["Location"] == "/sign-in/"
    assert "answers another attempt" in refused()


def test_an_address_counts_as_verified_where_the_provider_vouches_for_its_domain(
    client: Client, provider: SignInProvider, otto: Identity, there: SamlProvider
) -> None:
    confirmed(otto)
    set_up(provider, links_by_email=True, config=config(there, vouched_domains=""))
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    set_up(provider, config=config(there, vouched_domains="ample.com"))
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    set_up(provider, config=config(there))
    assert sign_in(client, provider)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(otto.pk)


def test_who_is_disabled_does_not_come_in(
    client: Client, provider: SignInProvider, link: SsoLink, ada: Identity
) -> None:
    identities.disable(by=ada, identity=link.identity, at=timezone.now())
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    assert not is_in(client)


def test_certificates_may_change(
    client: Client, provider: SignInProvider, link: SsoLink, there: SamlProvider
) -> None:
    both = key_pair("another")[1] + there.certificate
    set_up(provider, config=config(there, certificates=both))
    assert sign_in(client, provider)["Location"] == "/"
    set_up(provider, config=config(there, certificates=key_pair("another")[1]))
    other = Client()
    assert sign_in(other, provider)["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("certificates", "no certificate"),
        ("certificates", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        ("sso_url", "login.example.com"),
        ("metadata_url", "file:///etc/passwd"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    ada: Identity, there: SamlProvider, field: str, value: str
) -> None:
    draft = Draft("SAML", config(there, **{field: value}))
    with pytest.raises(BadProvider) as refusal:
        actions.add(by=ada, kind="saml", issuer="x", draft=draft, at=timezone.now())
    assert refusal.value.field == field


def test_its_metadata_are_compared_with_what_is_set(
    client_of: ClientOf, ada: Identity, provider: SignInProvider, there: SamlProvider
) -> None:
    browser, path = client_of(ada), f"/tenant-settings/sign-in-providers/{provider.pk}/look/"
    page = browser.post(path).content.decode()
    assert "A certificate here ends" in page
    for wrong, said in (
        ({"sso_url": "https://login.example.com/sso"}, "another sign-in address"),
        ({"certificates": key_pair("another")[1]}, "None of the certificates"),
        ({"metadata_url": ""}, "nothing to ask"),
        ({"metadata_url": f"{there.issuer}/no"}, "It does not work yet."),
    ):
        set_up(provider, config=config(there, **wrong))
        assert said in browser.post(path, follow=True).content.decode()


def test_our_metadata_say_where_answers_are_taken(
    client: Client, provider: SignInProvider, there: SamlProvider
) -> None:
    answer = client.get(f"/sign-in/sso/{provider.pk}/metadata/")
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    root = etree.fromstring(answer.content)
    assert root.get("entityID").endswith(f"/sign-in/sso/{provider.pk}/metadata/")
    assert b'WantAssertionsSigned="true"' in answer.content
    assert f"/sign-in/sso/{provider.pk}/acs/".encode() in answer.content
    assert client.get(f"/sign-in/sso/{provider.pk}/callback/").status_code == 404


def test_an_openid_provider_takes_no_form(client: Client, provider: SignInProvider) -> None:
    set_up(provider, kind="oidc")
    assert client.post(f"/sign-in/sso/{provider.pk}/acs/").status_code == 404
    assert client.get(f"/sign-in/sso/{provider.pk}/metadata/").status_code == 404


@pytest.mark.parametrize(("seconds", "counts"), [("0", True), ("-600", False)])
def test_one_confirms_by_signing_in_there_anew(
    client: Client,
    provider: SignInProvider,
    link: SsoLink,
    there: SamlProvider,
    *,
    seconds: str,
    counts: bool,
) -> None:
    sign_in(client, provider)
    session = client.session
    session["steward_confirmed_at"] = 0
    session.save()
    out = client.post(f"/sign-in/sso/{provider.pk}/confirm/", {"next": "/profile/"})
    there.values = {"authenticated": seconds}
    brought(client, provider, visit(address_on(out)))
    assert 'ForceAuthn="true"' in there.requests[-1]
    assert (client.session["steward_confirmed_at"] > 0) is counts


def test_a_second_factor_there_counts_where_the_tenant_says_so(
    client: Client, provider: SignInProvider, link: SsoLink, there: SamlProvider
) -> None:
    set_up(provider, counts_second_factor=True)
    sign_in(client, provider)
    assert client.session["account_authentication_methods"][-1]["mfa"] is False
    there.values = {"context": "https://refeds.org/profile/mfa"}
    other = Client()
    sign_in(other, provider)
    assert other.session["account_authentication_methods"][-1]["mfa"] is True
    assert not sso_only.current().is_on
