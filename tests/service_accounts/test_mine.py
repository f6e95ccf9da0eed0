"""My service accounts: what somebody owns, what ends, and what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts import actions, obligatory
from accounts.takeovers import actions as takeovers
from accounts.tenant import actions as tenant
from tests.factories import make_account, make_person
from tests.factories.tokens import make_token
from tokens.credentials import actions as credentials
from tokens.credentials import pickups

pytestmark = pytest.mark.django_db

URL = "/service-accounts/mine/"


def test_who_owns_nothing_is_told_what_to_do(stranger: Client, admin: Client) -> None:
    page = stranger.get(URL).content.decode()
    assert "You own no service accounts" in page
    assert "/requests/new/" in page
    assert "/service-accounts/new/" in admin.get(URL).content.decode()


def test_it_lists_what_one_owns_and_nothing_else(
    owner: Client, admin: Client, otto: Identity, ada: Identity
) -> None:
    make_account("ottos", owner=otto)
    make_account("adas", owner=ada)
    make_account("nobodys")
    for client, mine, other in ((owner, "ottos", "adas"), (admin, "adas", "ottos")):
        page = client.get(URL).content.decode()
        assert mine in page
        assert other not in page
        assert "nobodys" not in page
        assert "Nothing ends within 30 days" in page


def test_what_ends_soon_comes_first_with_its_next_step(owner: Client, otto: Identity) -> None:
    now = timezone.now()
    key = make_account("keys", owner=otto, key_lifetime=timedelta(days=9)).account
    token = make_account("tokens", owner=otto).account
    made = make_token(token.identity, "Nightly", by=otto, expires_in=timedelta(days=5)).token
    ends = make_account("ends", owner=otto, ends_at=now + timedelta(days=2)).account
    make_account("later", owner=otto, ends_at=now + timedelta(days=90))
    answer = owner.get(URL)
    found = answer.context["endings"]
    assert [each["account"] for each in found] == [ends, token, key]
    page = answer.content.decode()
    assert f"/requests/new/longer_life/?account={ends.pk}" in page
    assert f"/personal-access-tokens/{made.pk}/" in page
    assert f"/requests/new/new_credential/?account={key.pk}&amp;credential=key_pair" in page


def test_what_waits_stands_on_top(
    owner: Client, otto: Identity, mallory: Identity, made: object
) -> None:
    now = timezone.now()
    account = ServiceAccount.objects.get(name="audit01")
    for key in account.identity.credentials.all():
        credentials.revoke(by=SYSTEM, credential=key, at=now)
    assert "No usable key" in owner.get(URL).content.decode()
    offer = pickups.Offer(algorithm="P-256", key_lifetime=None, keep_old_for=timedelta(0))
    with transaction.atomic():
        pickups.offer(by=SYSTEM, account=account, offer=offer, at=now)
    theirs = make_account("theirs", owner=mallory).account
    takeovers.offer(by=mallory, account=theirs, to=otto, note="", at=now)
    page = owner.get(URL).content.decode()
    assert "A key of audit01 waits for you" in page
    assert "No usable key" not in page
    assert "A service account waits for you to take it over" in page


def test_the_owner_names_a_successor(
    owner: Client, otto: Identity, made: object, ada: Identity
) -> None:
    nina = make_person("nina", first_name="Nina")
    account = ServiceAccount.objects.get(name="audit01")
    url = f"/service-accounts/{account.pk}/successor/"
    assert url in owner.get(URL).content.decode()
    assert "Type the user name" in owner.post(url, {"successor": "otto"}).content.decode()
    answer = owner.post(url, {"successor": "nina"}, follow=True)
    assert "audit01 is saved." in answer.content.decode()
    account.refresh_from_db()
    assert account.successor == nina
    event = Event.objects.get(action="service_account.edited")
    assert (event.actor_label, event.detail["after"]) == ("otto", {"successor": "nina"})
    states = {obligatory.SUCCESSOR.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    assert "this tenant wants one" in owner.post(url, {"successor": ""}).content.decode()


def test_only_the_owner_and_who_manages_name_one(
    auditor: Client, stranger: Client, made: object, mallory: Identity, vera: Identity
) -> None:
    account = ServiceAccount.objects.get(name="audit01")
    url = f"/service-accounts/{account.pk}/successor/"
    assert auditor.get(url).status_code == 403
    assert stranger.get(url).status_code == 404
    assert stranger.put(url).status_code == 405
    assert Client().get(URL).status_code == 302
    assert stranger.post(URL).status_code == 405
    for somebody in (mallory, vera):
        with pytest.raises(NotAllowed):
            actions.set_successor(
                by=somebody, account=account, successor=somebody, at=timezone.now()
            )


def test_twenty_accounts_cost_as_many_statements_as_three(
    client_of: Callable[[Identity], Client], otto: Identity
) -> None:
    browser, counts = client_of(otto), []
    for numbers in (range(3), range(3, 20)):
        for number in numbers:
            made = make_account(f"bot-{number}", owner=otto, key_lifetime=timedelta(days=9))
            make_token(made.account.identity, by=otto, expires_in=timedelta(days=9))
        browser.get(URL)
        with CaptureQueriesContext(connection) as caught:
            browser.get(URL)
        counts.append(len(caught))
    assert counts[0] == counts[1]
