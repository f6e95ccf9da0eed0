"""Tenant settings > Sealing keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs.run import run_job
from accounts.models import Event, Identity, Job, SealingKey, StoredPassword
from accounts.sealing import actions, ring_file
from accounts.sealing.keyring import key_ring
from console.ui.confirmation import CONFIRMED_AT
from tests.factories.vault import make_item
from tests.sealing.ring import line, newest

ClientOf = Callable[[Identity], Client]
LIST = "/tenant-settings/sealing-keys/"
ROTATE = f"{LIST}rotate/"
REWRAP = f"{LIST}rewrap/"


def finish() -> None:
    run_job(Job.objects.get(finished_at=None).pk)


def text_of(client: Client, address: str = LIST) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_rotating_from_the_first_page_to_the_key_that_is_taken_out(
    client_of: ClientOf, ada: Identity, ring: Path
) -> None:
    make_item(ada)
    client, old = client_of(ada), newest()
    assert f"<code>{old}</code>" in text_of(client)
    assert "Take out" not in text_of(client)
    assert "1 value is wrapped by it" in text_of(client, ROTATE)
    assert key_ring().newest == old, "looking changes nothing"

    page = client.post(ROTATE, follow=True).content.decode()
    assert f"Key {newest()} seals from now on." in page
    assert newest() != old
    assert 'class="progress"' in page
    assert ROTATE not in page, "one at a time"
    assert "has not ended" in text_of(client, ROTATE)
    assert "is being done already" in client.post(ROTATE, follow=True).content.decode()
    assert "HX-Refresh" not in client.get(f"{LIST}progress/").headers

    finish()
    assert client.get(f"{LIST}progress/").headers["HX-Refresh"] == "true"
    assert f"{LIST}{old}/take-out/" not in text_of(client), "not within the hour"
    SealingKey.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    assert f"{LIST}{old}/take-out/" in text_of(client)
    assert "keep the copy" in text_of(client, f"{LIST}{old}/take-out/")
    page = client.post(f"{LIST}{old}/take-out/", follow=True).content.decode()
    assert f"Key {old} is off the ring." in page
    assert ring_file.copy_path().name in page
    assert old not in key_ring().keys
    assert (ring.parent / f"{ring.name}.taken_out").exists()
    assert client.post(f"{LIST}{old}/take-out/").status_code == 404


@pytest.mark.usefixtures("ring")
def test_a_key_in_use_is_not_taken_out_by_its_address(client_of: ClientOf, ada: Identity) -> None:
    client, old = client_of(ada), newest()
    address = f"{LIST}{old}/take-out/"
    assert "The key is in use" in text_of(client, address)
    assert "seals new values" in client.post(address, follow=True).content.decode()
    assert old in key_ring().keys
    assert not Event.objects.filter(action="sealing_key.taken_out").exists()


@pytest.mark.usefixtures("ring")
def test_a_key_that_nobody_knows_is_not_found(client_of: ClientOf, ada: Identity) -> None:
    assert client_of(ada).get(f"{LIST}00000000/take-out/").status_code == 404


@pytest.mark.usefixtures("ring")
def test_each_act_asks_for_the_password_again(client_of: ClientOf, ada: Identity) -> None:
    client, keys = client_of(ada), key_ring().keys
    session = client.session
    session[CONFIRMED_AT] = 0.0
    session.save()
    for address in (ROTATE, REWRAP, f"{LIST}{newest()}/take-out/"):
        assert "step_up_password" in client.post(address).content.decode(), address
    assert key_ring().keys == keys
    assert not Job.objects.exists()


@pytest.mark.usefixtures("ring")
def test_an_auditor_sees_the_keys_and_changes_nothing(client_of: ClientOf, vera: Identity) -> None:
    client = client_of(vera)
    page = text_of(client)
    assert f"<code>{newest()}</code>" in page
    for address in (ROTATE, REWRAP, f"{LIST}{newest()}/take-out/"):
        assert address not in page
        assert client.post(address).status_code == 403, address
    assert client.get(f"{LIST}progress/").status_code == 200


@pytest.mark.usefixtures("ring")
def test_who_may_nothing_sees_nothing(client_of: ClientOf, mallory: Identity) -> None:
    for address in (LIST, ROTATE, REWRAP, f"{LIST}progress/"):
        assert client_of(mallory).get(address).status_code == 403, address


def test_a_ring_that_comes_from_elsewhere_is_only_read(
    client_of: ClientOf, ada: Identity, ring: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_item(ada)
    old = newest()
    monkeypatch.setattr(ring_file, "is_writable", lambda: False)
    client = client_of(ada)
    assert "The keys come from elsewhere" in text_of(client)
    assert ROTATE not in text_of(client)
    assert "may not write" in client.post(ROTATE, follow=True).content.decode()

    ring.write_text(line(ring_file.new_key()) + ring.read_text())
    assert "1 value is wrapped by an older key" in text_of(client)
    assert f"1 value is wrapped by key {newest()}" in text_of(client, REWRAP)
    assert "are being wrapped" in client.post(REWRAP, follow=True).content.decode()
    finish()
    assert StoredPassword.objects.get().key_id == newest() != old
    assert "older key" not in text_of(client).partition("What is sealed")[0]


def test_a_missing_key_is_told_first(client_of: ClientOf, ada: Identity, ring: Path) -> None:
    make_item(ada)
    gone = newest()
    ring.write_text(line(ring_file.new_key()))
    page = text_of(client_of(ada))
    assert "Keys are missing" in page
    assert f"<code>{gone}</code>" in page


@pytest.mark.usefixtures("ring")
def test_no_key_itself_is_on_any_page(client_of: ClientOf, ada: Identity, ring: Path) -> None:
    actions.rotate(by=SYSTEM, at=timezone.now())
    client = client_of(ada)
    for address in (LIST, ROTATE, REWRAP, f"{LIST}progress/", f"{LIST}{newest()}/take-out/"):
        page = client.get(address).content.decode()
        for key in ring.read_text().split():
            assert key not in page
