"""Settings that are on or off: their page and their action."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.lib.registry import UnknownPart
from accounts.models import Event, Identity, TenantSetting
from accounts.tenant import actions, queries
from accounts.tenant.catalogue import IDM_REACHES_ESV, switches

SignedIn = Callable[[Identity], Client]
URL = "/tenant-settings/global/"
NAME = IDM_REACHES_ESV.name


def form_of(client: Client, **ticks: str) -> dict[str, str]:
    """What the page would send: what was shown, with other ticks."""
    states, values = queries.all_switches(), queries.all_numbers()
    shown = {f"initial-{name}": str(state) for name, state in states.items()}
    kept = {name: "on" for name, state in states.items() if state}
    shown |= {f"initial-{name}": str(value) for name, value in values.items()}
    kept |= {name: str(value) for name, value in values.items()}
    sent = {**shown, **kept, **ticks}
    return {name: value for name, value in sent.items() if value}


def test_every_switch_has_a_field_with_its_words(client_of: SignedIn, ada: Identity) -> None:
    page = client_of(ada).get(URL).content.decode()
    for name, switch in switches.items():
        assert f'name="{name}"' in page
        assert str(switch.label) in page


def test_an_administrator_turns_one_off_and_on(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    assert queries.is_on(IDM_REACHES_ESV)
    answer = client.post(URL, form_of(client, **{NAME: ""}), follow=True)
    assert "The settings are saved." in answer.content.decode()
    assert not queries.is_on(IDM_REACHES_ESV)
    event = Event.objects.get(action="tenant_setting.changed")
    assert event.actor_label == "ada"
    assert (event.detail["before"], event.detail["after"]) == ({NAME: True}, {NAME: False})
    client.post(URL, form_of(client, **{NAME: "on"}))
    assert queries.is_on(IDM_REACHES_ESV)


def test_saving_without_a_change_records_nothing(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    answer = client.post(URL, form_of(client), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert not TenantSetting.objects.exists()
    assert not Event.objects.filter(action="tenant_setting.changed").exists()


def test_what_a_colleague_changed_meanwhile_stays(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    opened = form_of(client)
    actions.set_switches(by=ada, states={NAME: False}, at=timezone.now())
    client.post(URL, opened)
    assert not queries.is_on(IDM_REACHES_ESV)


def test_an_auditor_reads_and_cannot_change(client_of: SignedIn, vera: Identity) -> None:
    client = client_of(vera)
    page = client.get(URL).content.decode()
    assert "Only a tenant administrator changes this." in page
    assert "Rotate signing key" not in page
    assert ">Save<" not in page
    assert client.post(URL, form_of(client, **{NAME: ""})).status_code == 403
    assert queries.is_on(IDM_REACHES_ESV)
    assert Event.objects.filter(action="console.refused", actor_label="vera").exists()


def test_the_action_refuses_who_may_not_and_what_is_not_there(
    ada: Identity, vera: Identity
) -> None:
    with pytest.raises(NotAllowed):
        actions.set_switches(by=vera, states={NAME: False}, at=timezone.now())
    with pytest.raises(UnknownPart):
        actions.set_switches(by=ada, states={NAME: False, "no_such": True}, at=timezone.now())
    assert queries.is_on(IDM_REACHES_ESV), "and nothing half-done remains"
