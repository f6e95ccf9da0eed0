"""Which targets inside the network may be called: their page and their action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.models import Event, Identity
from accounts.tenant import outgoing
from console.ui.sentences import sentence

ClientOf = Callable[[Identity], Client]
URL = "/tenant-settings/outgoing/"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TYPED = "SCIM.corp.example\r\n\r\n 10.0.0.0/8 \r\nfd00::/8\r\n10.1.2.3\r\nscim.corp.example"


def test_an_administrator_lists_targets(client_of: ClientOf, ada: Identity) -> None:
    answer = client_of(ada).post(URL, {"targets": TYPED}, follow=True)
    assert "The targets are saved." in answer.content.decode()
    listed = ["10.0.0.0/8", "10.1.2.3/32", "fd00::/8", "scim.corp.example"]
    assert outgoing.targets() == listed
    policy = outgoing.policy()
    assert policy.hosts == {"scim.corp.example"}
    assert ip_network("10.0.0.0/8") in policy.networks
    assert policy.allows("any", ip_address("10.9.9.9"), plain=True)
    assert not policy.allows("any", ip_address("192.168.0.1"), plain=False)
    event = Event.objects.get(action="tenant_setting.targets_changed")
    assert sentence(event) == "ada changed which targets may be called"
    assert event.detail["after"] == {"outgoing_targets": listed}
    assert "\n".join(listed) in client_of(ada).get(URL).content.decode()


def test_saving_the_same_changes_nothing_and_nothing_ends_it_all(
    client_of: ClientOf, ada: Identity
) -> None:
    outgoing.set_targets(by=SYSTEM, lines=["10.0.0.0/8"], at=timezone.now())
    same = client_of(ada).post(URL, {"targets": "10.0.0.0/8"}, follow=True)
    assert "Nothing was changed." in same.content.decode()
    client_of(ada).post(URL, {"targets": ""})
    assert outgoing.targets() == []
    assert not outgoing.policy().networks


@pytest.mark.parametrize(
    "line",
    ["10.0.0.1/8", "https://scim.corp.example/", "*.corp.example", "10.0.0.0/99", "a b", "-x"]
    + ["host:8443", "<script>", "x" * 300, "1.2.3", "fd00::/8/8", "ünï.example"],
)
def test_what_is_no_target_is_refused_and_kept_in_the_form(
    client_of: ClientOf, ada: Identity, line: str
) -> None:
    answer = client_of(ada).post(URL, {"targets": f"10.0.0.0/8\n{line}"})
    assert answer.status_code == 200
    assert "is no target" in str(answer.context["form"].errors["targets"])
    assert outgoing.targets() == []


def test_only_so_many_are_kept(client_of: ClientOf, ada: Identity) -> None:
    many = "\n".join(f"host{number}.corp.example" for number in range(101))
    answer = client_of(ada).post(URL, {"targets": many})
    assert "at most 100" in str(answer.context["form"].errors["targets"])
    assert outgoing.targets() == []


def test_it_asks_for_the_password_again(client_of: ClientOf, ada: Identity) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        browser = client_of(ada)
        clock.shift(timedelta(minutes=6))
        asked = browser.post(URL, {"targets": "10.0.0.1"})
    assert "Confirm that it is you" in asked.content.decode()
    assert outgoing.targets() == []


def test_only_administrators_list_targets(
    client_of: ClientOf, ada: Identity, vera: Identity, mallory: Identity
) -> None:
    assert client_of(vera).get(URL).status_code == 200
    assert client_of(mallory).get(URL).status_code == 403
    for person in (vera, mallory):
        assert client_of(person).post(URL, {"targets": "10.0.0.1"}).status_code == 403
    with pytest.raises(NotAllowed):
        outgoing.set_targets(by=vera, lines=["10.0.0.1"], at=timezone.now())
    assert outgoing.targets() == []
