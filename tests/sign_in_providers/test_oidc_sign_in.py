"""Signing in by an OpenID provider that speaks HTTP; what it may lie about is refused."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity, SignInProvider, SsoLink, UsedProof
from accounts.second_factors import actions as factors
from accounts.second_factors import totp
from accounts.sign_in_providers import actions
from accounts.tenant import outgoing
from tests.second_factors.apps import code
from tests.sign_in_providers.conftest import is_in, set_up, sign_in, visit
from tests.sign_in_providers.oidc_provider import TOKEN_LIES, OidcProvider, rsa

pytestmark = pytest.mark.django_db


def refused() -> str:
    """Why the last attempt was refused."""
    event = Event.objects.filter(action="sign_in.provider_refused").latest("pk")
    return str(event.reason)


def test_who_is_linked_comes_in(
    client: Client, provider: SignInProvider, link: SsoLink, there: OidcProvider
) -> None:
    answer = sign_in(client, provider, "?next=/profile/")

    assert answer.status_code == 302
    assert answer["Location"] == "/profile/"
    assert client.session["_auth_user_id"] == str(link.identity_id)
    event = Event.objects.get(action="sign_in.succeeded")
    assert event.detail["methods"] == ["sso"]
    assert event.actor_label == "otto"
    link.refresh_from_db()
    provider.refresh_from_db()
    assert link.used_at
    assert provider.worked_at
    assert client.get("/profile/").status_code == 200


def test_what_is_asked_of_the_provider(client: Client, provider: SignInProvider) -> None:
    out = client.get(f"/sign-in/sso/{provider.pk}/")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(out["Location"]).query).items()}

    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid email profile"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["tenant"] == "1", "what its address holds stays"
    assert asked["redirect_uri"].endswith(f"/sign-in/sso/{provider.pk}/callback/")
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    assert asked["state"] != asked["nonce"]
    assert "prompt" not in asked


@pytest.mark.parametrize("lie", TOKEN_LIES)
def test_a_token_that_is_wrong_lets_nobody_in(
    client: Client, provider: SignInProvider, link: SsoLink, there: OidcProvider, lie: str
) -> None:
    there.lie = lie
    answer = sign_in(client, provider)

    assert answer["Location"] == "/sign-in/"
    assert not is_in(client)
    assert not UsedProof.objects.exists()
    assert refused()
    page = client.get("/sign-in/").content.decode()
    assert "did not succeed" in page
    assert refused() not in page
    there.lie = ""
    assert sign_in(client, provider)["Location"] == "/", "the same without the lie is taken"


def test_a_short_key_is_none(
    client: Client, provider: SignInProvider, link: SsoLink, there: OidcProvider
) -> None:
    with pytest.warns(Warning, match="2048"):
        there.key = rsa("short", 1024)
    sign_in(client, provider)
    assert not is_in(client)
    assert "short" in refused()


def test_an_answer_is_taken_once(
    client: Client, provider: SignInProvider, link: SsoLink, there: OidcProvider
) -> None:
    out = client.get(f"/sign-in/sso/{provider.pk}/")
    back = visit(out["Location"])
    before = dict(client.session["steward_sso"])
    assert client.get(back)["Location"] == "/"
    client.post("/sign-out/")
    assert client.get(back)["Location"] == "/sign-in/"
    assert not is_in(client)

    # even where the session still knew the attempt and the provider gave its token again
    client.get(f"/sign-in/sso/{provider.pk}/")
    session = client.session
    session["steward_sso"] = before
    session.save()
    asked = {k: v[0] for k, v in parse_qs(urlsplit(out["Location"]).query).items()}
    again = there.authorize(asked)
    answer = client.get(f"{urlsplit(again).path}?{urlsplit(again).query}")
    assert answer["Location"] == "/sign-in/"
    assert not is_in(client)
    assert "used already" in refused()


def test_the_answer_of_another_browser_lets_nobody_in(
    client: Client, provider: SignInProvider, link: SsoLink
) -> None:
    back = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    other = Client()
    assert other.get(back)["Location"] == "/sign-in/"
    assert not is_in(other)
    other.get(f"/sign-in/sso/{provider.pk}/")
    assert other.get(back)["Location"] == "/sign-in/"
    assert not is_in(other)
    assert refused() == "the answer to no attempt of this browser"


@pytest.mark.parametrize(
    "change",
    [
        lambda q: q.replace("state=", "state=x"),
        lambda q: q.replace("state=", "estate="),
        lambda q: f"{q}&state=another",
        lambda q: f"{q}&code=another",
        lambda q: q.replace("iss=", "iss=https%3A%2F%2Felsewhere.example&was="),
        lambda q: q.replace("iss=", "was="),
        lambda q: q.replace("code=", "code=x"),
        lambda q: q.replace("code=", "error=access_denied&was="),
        lambda q: q.replace("code=", "code=" + "x" * 9000 + "&was="),
    ],
)
def test_what_comes_back_changed_lets_nobody_in(
    client: Client, provider: SignInProvider, link: SsoLink, change: object
) -> None:
    path, _mark, query = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"]).partition(
        "?"
    )
    answer = client.get(f"{path}?{change(query)}")  # type: ignore[operator]
    assert answer["Location"] == "/sign-in/"
    assert not is_in(client)


def test_it_may_not_take_for_ever(client: Client, provider: SignInProvider, link: SsoLink) -> None:
    back = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.get(back)["Location"] == "/sign-in/"
        assert not is_in(client)


def test_the_answer_of_one_provider_is_none_of_another(
    client: Client, provider: SignInProvider, link: SsoLink
) -> None:
    other = SignInProvider.objects.get(pk=provider.pk)
    other.pk, other.name, other.name_key = None, "Other", "other"
    other.save(force_insert=True)
    back = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    answer = client.get(back.replace(str(provider.pk), str(other.pk)))
    assert answer["Location"] == "/sign-in/"
    assert not is_in(client)


def test_a_disabled_provider_lets_nobody_in(
    client: Client, provider: SignInProvider, link: SsoLink, ada: Identity, there: OidcProvider
) -> None:
    back = visit(client.get(f"/sign-in/sso/{provider.pk}/")["Location"])
    actions.disable(by=ada, provider=provider, at=timezone.now())
    there.asked.clear()

    assert client.get(back)["Location"] == "/sign-in/"
    assert not is_in(client)
    assert there.asked == [], "nor is anything asked of it"
    assert client.get(f"/sign-in/sso/{provider.pk}/").status_code == 404
    assert "Company account" not in client.get("/sign-in/").content.decode()


def test_who_may_not_sign_in_does_not(
    client: Client, provider: SignInProvider, link: SsoLink, ada: Identity
) -> None:
    identities.disable(by=ada, identity=link.identity, at=timezone.now())
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    assert not is_in(client)
    Identity.objects.get_queryset().filter(pk=link.identity_id).update(
        disabled_at=None, disabled_by="", web_services_only=True
    )
    assert sign_in(client, provider)["Location"] == "/sign-in/"
    assert not is_in(client)
    Identity.objects.get_queryset().filter(pk=link.identity_id).update(web_services_only=False)
    assert sign_in(client, provider)["Location"] == "/"


def test_who_is_disabled_meanwhile_is_out(
    client: Client, provider: SignInProvider, link: SsoLink, ada: Identity
) -> None:
    sign_in(client, provider)
    assert client.get("/profile/").status_code == 200
    identities.disable(by=ada, identity=link.identity, at=timezone.now())
    assert client.get("/profile/").status_code == 302


def test_a_provider_inside_the_network_is_not_called(
    client: Client, provider: SignInProvider, ada: Identity, there: OidcProvider
) -> None:
    outgoing.set_targets(by=ada, lines=[], at=timezone.now())
    there.asked.clear()
    answer = client.get(f"/sign-in/sso/{provider.pk}/")
    assert answer["Location"] == "/sign-in/"
    assert there.asked == []


def test_it_names_itself_exactly_as_it_is_set(
    client: Client, provider: SignInProvider, there: OidcProvider
) -> None:
    there.told = {"issuer": f"{there.issuer}/"}
    assert client.get(f"/sign-in/sso/{provider.pk}/")["Location"] == "/sign-in/"
    assert "another issuer" in refused()


def test_the_second_factor_that_somebody_has_is_asked_for(
    client: Client, provider: SignInProvider, link: SsoLink, there: OidcProvider
) -> None:
    secret, now = totp.new_secret(), timezone.now()
    factors.set_up_app(by=link.identity, secret=secret, code=code(secret), at=now)
    there.claims = {"amr": ["pwd", "mfa"]}
    assert sign_in(client, provider)["Location"] == "/sign-in/second-step/"
    assert not is_in(client)

    set_up(provider, counts_second_factor=True)
    there.claims = {"amr": ["pwd"]}
    assert sign_in(client, provider)["Location"] == "/sign-in/second-step/"
    assert not is_in(client)
    there.claims = {"amr": ["pwd", "mfa"]}
    assert sign_in(client, provider)["Location"] == "/"
    assert is_in(client)


def test_where_somebody_wanted_to_go_is_our_own(
    client: Client, provider: SignInProvider, link: SsoLink
) -> None:
    answer = sign_in(client, provider, "?next=https://elsewhere.example/")
    assert answer["Location"] == "/"
    answer = client.get(f"/sign-in/sso/{provider.pk}/?next=//elsewhere.example")
    assert answer["Location"] == "/"
