"""Where only sign-in providers let people in, passwords do not: but for break-glass people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import resets
from accounts.models import Identity, Invitation, SignInProvider, SsoLink
from accounts.sign_in_providers import actions, linking, sso_only
from tests.factories.people import PASSWORD
from tests.sign_in_providers.conftest import address_on, is_in, sign_in, visit
from tests.sign_in_providers.oidc_provider import OidcProvider

ClientOf = Callable[[Identity], Client]
pytestmark = pytest.mark.django_db
PAGE = "/tenant-settings/sign-in-providers/sso-only/"


@pytest.fixture
def adas(provider: SignInProvider, ada: Identity) -> SsoLink:
    """The account there is Ada's."""
    return SsoLink.objects.create(
        provider=provider, identity=ada, subject="subject-1", linked_at=timezone.now()
    )


@pytest.fixture
def only(adas: SsoLink, vera: Identity) -> None:
    """Nobody but Vera signs in by a password."""
    sso_only.set_rule(by=just_in(adas), is_on=True, named=[vera], at=timezone.now())


def just_in(link: SsoLink) -> Identity:
    SsoLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
    return link.identity


def typed(person: Identity) -> Client:
    browser = Client()
    browser.post("/sign-in/", {"login": person.user_name, "password": PASSWORD})
    return browser


def test_it_is_turned_on_by_whoever_came_in_by_a_provider(
    client: Client, client_of: ClientOf, provider: SignInProvider, adas: SsoLink, vera: Identity
) -> None:
    by_password = client_of(adas.identity)
    answer = by_password.post(PAGE, {"is_on": "on", "named": "vera"})
    assert "Sign in by one of the providers yourself first" in answer.content.decode()
    assert not sso_only.current().is_on

    sign_in(client, provider)
    assert client.post(PAGE, {"is_on": "on", "named": "vera"})["Location"]
    assert sso_only.current() == sso_only.SsoOnly(True, frozenset([str(vera.pk)]))
    event = Event.objects.get(action="tenant_setting.sso_only_changed")
    assert event.detail["after"] == {"is_on": True, "break_glass": ["vera"]}
    page = client.get("/tenant-settings/sign-in-providers/").content.decode()
    assert "but for break-glass people: vera." in page


def test_a_sign_in_of_long_ago_proves_nothing(adas: SsoLink) -> None:
    SsoLink.objects.update(used_at=timezone.now() - timedelta(hours=2))
    with pytest.raises(sso_only.NotProvedYet):
        sso_only.set_rule(by=adas.identity, is_on=True, named=[], at=timezone.now())


def test_who_is_named_must_exist_and_be_able_to(
    client_of: ClientOf, adas: SsoLink, otto: Identity
) -> None:
    browser = client_of(adas.identity)
    page = browser.post(PAGE, {"named": "nobody-of-this-name"}).content.decode()
    assert "There is no identity with the user name" in page
    Identity.objects.get_queryset().filter(pk=otto.pk).update(
        disabled_at=timezone.now(), disabled_by="x"
    )
    assert "cannot sign in now" in browser.post(PAGE, {"named": "otto"}).content.decode()


def test_passwords_sign_in_nobody_but_who_is_named(
    client: Client, only: None, provider: SignInProvider, otto: Identity, vera: Identity
) -> None:
    assert not is_in(typed(otto))
    event = Event.objects.get(action="sign_in.failed")
    assert event.reason == "only sign-in providers let people in"
    assert is_in(typed(vera))
    sign_in(client, provider)
    assert is_in(client)


def test_a_password_is_not_set_anew(only: None, otto: Identity, vera: Identity) -> None:
    now = timezone.now()
    assert resets.ask(typed="otto", at=now) is None
    assert resets.ask(typed="vera", at=now) is not None
    assert Invitation.objects.filter(identity=otto).count() == 0


def test_the_last_provider_stays(only: None, provider: SignInProvider, ada: Identity) -> None:
    now = timezone.now()
    for act in (actions.disable, actions.remove):
        with pytest.raises(sso_only.StillNeeded):
            act(by=ada, provider=provider, at=now)
    link = SsoLink.objects.get()
    with pytest.raises(linking.OnlyWayIn):
        linking.unlink(by=link.identity, link=link, at=now)
    call_command("allow_passwords")
    actions.disable(by=ada, provider=provider, at=now)


def test_the_command_opens_the_door_again(only: None, otto: Identity, capsys: object) -> None:
    call_command("allow_passwords")
    assert is_in(typed(otto))
    call_command("allow_passwords")
    assert "already" in capsys.readouterr().out  # type: ignore[attr-defined]
    assert Event.objects.filter(action="tenant_setting.sso_only_changed").count() == 2


def later() -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=6))


def test_one_confirms_at_the_provider(
    client: Client, only: None, provider: SignInProvider, there: OidcProvider
) -> None:
    sign_in(client, provider)
    with later():
        page = client.get(PAGE).content.decode()
        assert "Confirm by Company account" in page
        assert "step_up_password" not in page
        client.post(PAGE, {"step_up_password": PASSWORD, "step_up_from_get": "1"})
        assert "Confirm that it is you" in client.get(PAGE).content.decode()

        out = client.post(f"/sign-in/sso/{provider.pk}/confirm/", {"next": PAGE})
        address = address_on(out)
        assert "prompt=login" in address
        assert "max_age=0" in address
        assert client.get(visit(address))["Location"] == PAGE
        assert "Only sign-in providers let people in" in client.get(PAGE).content.decode()
    assert Event.objects.filter(action="sign_in.confirmed").count() == 1


@pytest.mark.parametrize(
    "claims", [{"auth_time": 1_700_000_000}, {"auth_time": None}, {"sub": "subject-2"}]
)
def test_an_old_sign_in_there_or_another_account_confirms_nothing(
    client: Client,
    only: None,
    provider: SignInProvider,
    there: OidcProvider,
    claims: dict[str, object],
) -> None:
    sign_in(client, provider)
    there.claims = claims
    with later():
        out = client.post(f"/sign-in/sso/{provider.pk}/confirm/", {"next": PAGE})
        client.get(visit(address_on(out)))
        assert "Confirm that it is you" in client.get(PAGE).content.decode()


def test_a_form_waits_while_one_confirms(
    client: Client, only: None, provider: SignInProvider, vera: Identity
) -> None:
    sign_in(client, provider)
    with later():
        page = client.post(PAGE, {"is_on": "on", "named": "vera\nada"}).content.decode()
        assert 'target="_blank"' in page
        assert 'name="named" value="vera\nada"' in page
        out = client.post(f"/sign-in/sso/{provider.pk}/confirm/", {"next": ""})
        done = client.get(visit(address_on(out)))
        assert "Close this tab" in done.content.decode()
        assert client.post(PAGE, {"is_on": "on", "named": "vera\nada"}).status_code == 302
    assert len(sso_only.current().named) == 2


def test_another_ones_provider_confirms_nothing(
    client_of: ClientOf, provider: SignInProvider, otto: Identity
) -> None:
    answer = client_of(otto).post(f"/sign-in/sso/{provider.pk}/confirm/", {"next": "/profile/"})
    assert answer["Location"] == "/profile/"


def test_sessions_of_before_go_on(client_of: ClientOf, adas: SsoLink, otto: Identity) -> None:
    browser = client_of(otto)
    sso_only.set_rule(by=just_in(adas), is_on=True, named=[], at=timezone.now())
    assert browser.get("/profile/").status_code == 200


def test_nobody_turns_it_on_for_the_system(adas: SsoLink) -> None:
    with pytest.raises(sso_only.NotProvedYet):
        sso_only.set_rule(by=SYSTEM, is_on=True, named=[], at=timezone.now())
