from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities.models import Purpose
from accounts.models import Identity, Invitation, SignInProvider, SsoLink
from accounts.sign_in_providers import actions
from accounts.sign_in_providers.actions import Draft
from accounts.tenant import outgoing
from tests.sign_in_providers import oidc_provider
from tests.sign_in_providers.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider

CONFIG = {"client_id": CLIENT_ID, "email_claim": "email", "name_claim": "preferred_username"}


@pytest.fixture
def there() -> Iterator[OidcProvider]:
    """A provider of others, on this machine."""
    with oidc_provider.running() as made:
        yield made


@pytest.fixture
def provider(db: None, there: OidcProvider) -> SignInProvider:
    """The same as Steward knows it, enabled."""
    now = timezone.now()
    outgoing.set_targets(by=SYSTEM, lines=["127.0.0.1"], at=now)
    made = actions.add(
        by=SYSTEM,
        kind="oidc",
        issuer=there.issuer,
        draft=Draft("Company account", CONFIG, secret=CLIENT_SECRET),
        at=now,
    )
    actions.enable(by=SYSTEM, provider=made, at=now)
    made.refresh_from_db()
    return made


@pytest.fixture
def link(provider: SignInProvider, otto: Identity) -> SsoLink:
    """Otto's account there."""
    return SsoLink.objects.create(
        provider=provider, identity=otto, subject="subject-1", linked_at=timezone.now()
    )


def set_up(provider: SignInProvider, **values: object) -> SignInProvider:
    SignInProvider.objects.filter(pk=provider.pk).update(**values)
    provider.refresh_from_db()
    return provider


def confirmed(person: Identity, email: str = "") -> None:
    """That they followed a link that was mailed to them."""
    now = timezone.now()
    Invitation.objects.create(
        purpose=Purpose.SET_PASSWORD,
        identity=person,
        created_at=now,
        expires_at=now,
        used_at=now,
        followed=True,
        email=email or person.email,
    )


def visit(address: str) -> str:
    """Go to the provider as a browser would; answers where it sends them."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    location = connection.getresponse().getheader("Location") or ""
    connection.close()
    back = urlsplit(location)
    return f"{back.path}?{back.query}"


def sign_in(browser: Client, provider: SignInProvider, query: str = "") -> Any:
    out = browser.get(f"/sign-in/sso/{provider.pk}/{query}")
    assert out.status_code == 302, out.content
    return browser.get(visit(out["Location"]))


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def address_on(page: Any) -> str:
    """Where a page goes on to by itself."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.content.decode())
    assert found, page.content
    return unescape(found[1])
