"""Provisioning clients in Tenant settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Event, Identity, ServiceAccount
from tests.doors.scim.caller import BASE
from tests.oauth.program import Program
from tokens.credentials.types.provisioning_token import PREFIX, PROVISIONING_TOKEN
from tokens.models import Credential
from tokens.provisioning import actions
from tokens.provisioning.actions import Issued

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]
LIST = "/tenant-settings/provisioning/"
NEW = f"{LIST}new/"
TOKEN = re.compile(PREFIX + r"[0-9a-f]{32}_[0-9A-Za-z]{49}")


def add(name: str = "Entra ID", **more: Any) -> Issued:
    at = timezone.now()
    said: dict[str, Any] = {"groups": True, "expires_at": None} | more
    return actions.add_client(by=SYSTEM, name=name, at=at, **said)


def sent(browser: Client, address: str, **fields: str) -> Any:
    """The form as a browser sends it, with the hidden field of the page."""
    page = browser.get(address).content.decode()
    found = re.search(r'name="submission" value="([^"]+)"', page)
    assert found, page
    return browser.post(address, fields | {"submission": found[1]})


def call(token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return Program().get(f"{BASE}/Users", headers=headers).status_code


def test_a_client_is_added_and_its_token_shown_once(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    page = browser.get(LIST)
    assert b"No provisioning client yet" in page.content

    answer = sent(browser, NEW, name="Entra ID", groups="on", lifetime="365")

    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("no-store")
    found = TOKEN.search(answer.content.decode())
    assert found
    plain = found[0]
    account = ServiceAccount.objects.get(name="Entra ID")
    token = Credential.objects.get(kind=PROVISIONING_TOKEN)
    assert (account.owner, token.identity_id) == (ada, account.pk)
    assert call(plain) == 200
    assert plain.encode() not in browser.get(LIST).content
    assert plain.encode() not in browser.get(f"{LIST}{account.pk}/").content
    assert plain not in str(list(Event.objects.values()))
    assert plain[-49:].encode() not in bytes(token.secret_hash or b"")

    done = browser.post(f"{LIST}tokens/{token.pk}/stored/", {})
    assert b"Is the token stored?" in done.content
    browser.post(f"{LIST}tokens/{token.pk}/stored/", {"stored": "on"})
    token.refresh_from_db()
    assert token.stored_at is not None
    assert b"Entra ID" in browser.get(LIST).content


def test_a_form_that_comes_twice_makes_one_client(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    page = browser.get(NEW).content.decode()
    found = re.search(r'name="submission" value="([^"]+)"', page)
    assert found
    form = {"name": "Okta", "lifetime": "90", "submission": found[1]}

    assert browser.post(NEW, form).status_code == 200
    again = browser.post(NEW, form | {"name": "Okta 2"})

    assert again.status_code == 409
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x\u202ey"}, {"lifetime": "1"}, {"name": "Taken"}]
)
def test_what_is_wrong_is_said_at_its_field(
    client_of: ClientOf, ada: Identity, wrong: dict[str, str]
) -> None:
    add("Taken")
    answer = sent(client_of(ada), NEW, **{"name": "Okta", "lifetime": "90"} | wrong)

    assert answer.status_code == 200
    assert b'aria-invalid="true"' in answer.content
    assert ServiceAccount.objects.count() == 1


def test_a_new_token_works_beside_the_old_one_for_a_while(
    client_of: ClientOf, ada: Identity
) -> None:
    made = add()
    old = made.secret.take()
    page = f"{LIST}{made.account.pk}/rotate/"

    answer = sent(client_of(ada), page, keep_old_for="24", lifetime="365")

    found = TOKEN.search(answer.content.decode())
    assert found
    assert (call(old), call(found[0])) == (200, 200)
    Credential.objects.filter(pk=made.token.pk).update(
        retires_at=timezone.now() - timedelta(seconds=1)
    )
    assert (call(old), call(found[0])) == (401, 200)


def test_a_token_that_leaked_stops_at_once(client_of: ClientOf, ada: Identity) -> None:
    made, browser = add(), client_of(ada)
    old = made.secret.take()

    answer = sent(browser, f"{LIST}{made.account.pk}/rotate/", keep_old_for="0", lifetime="90")
    found = TOKEN.search(answer.content.decode())
    assert found
    assert (call(old), call(found[0])) == (401, 200)

    newest = Credential.objects.get(retires_at=None)
    assert b"cannot be undone" in browser.get(f"{LIST}tokens/{newest.pk}/revoke/").content
    browser.post(f"{LIST}tokens/{newest.pk}/revoke/")
    assert call(found[0]) == 401
    answer = sent(browser, f"{LIST}{made.account.pk}/rotate/", keep_old_for="0", lifetime="90")
    assert TOKEN.search(answer.content.decode())


def test_whoever_reads_the_settings_changes_nothing(client_of: ClientOf, vera: Identity) -> None:
    made, browser = add(), client_of(vera)

    assert browser.get(LIST).status_code == 200
    page = browser.get(f"{LIST}{made.account.pk}/")
    assert page.status_code == 200
    assert b"Rotate" not in page.content.replace(b"Rotate it", b"")
    for address in (
        NEW,
        f"{LIST}{made.account.pk}/rotate/",
        f"{LIST}tokens/{made.token.pk}/revoke/",
    ):
        assert browser.get(address).status_code == 403
        assert browser.post(address, {}).status_code == 403
    made.token.refresh_from_db()
    assert made.token.revoked_at is None


def test_who_may_not_read_the_settings_sees_none(client_of: ClientOf, mallory: Identity) -> None:
    made = add()
    for address in (LIST, f"{LIST}{made.account.pk}/"):
        assert client_of(mallory).get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_what_is_no_client_is_not_there(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    assert browser.get(f"{LIST}{ada.pk}/").status_code == 404
    assert browser.get(f"{LIST}{ada.pk}/rotate/").status_code == 404
    assert browser.post(f"{LIST}tokens/{ada.pk}/stored/").status_code == 404
    assert browser.delete(LIST).status_code == 405


def test_many_clients_cost_as_much_as_few(
    client_of: ClientOf, ada: Identity, django_assert_max_num_queries: Any
) -> None:
    browser = client_of(ada)
    for number in range(12):
        add(f"Directory {number}")
    browser.get(LIST)
    with django_assert_max_num_queries(14):
        assert browser.get(LIST).content.count(b'scope="row"') == 12
