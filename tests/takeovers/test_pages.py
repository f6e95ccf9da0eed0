"""The pages on which accounts change hands."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Event, Identity, ServiceAccount, Takeover
from accounts.service_accounts import obligatory
from accounts.takeovers import actions, passing, queries
from accounts.takeovers.states import State
from accounts.takeovers.upkeep import run as upkeep
from accounts.tenant import actions as tenant
from tests.factories import make_account
from tests.factories.tokens import make_token
from tests.takeovers.conftest import fresh, leave
from tokens.credentials import actions as keys
from tokens.credentials import pickups
from tokens.models import Credential

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]
LIST = "/takeovers/"


@pytest.fixture
def came(account: ServiceAccount, otto: Identity, nina: Identity) -> Takeover:
    """To Nina, since Otto has left."""
    make_token(account.identity, "Nightly export", by=otto)
    leave(otto)
    upkeep()
    return queries.waiting_for(nina).get()


@pytest.fixture
def offered(account: ServiceAccount, otto: Identity, nina: Identity) -> Takeover:
    make_token(account.identity, "Nightly export", by=otto)
    now = timezone.now()
    return actions.offer(by=otto, account=account, to=nina, note="Ask the team.", at=now)


def page_of(takeover: Takeover, act: str = "") -> str:
    return f"{LIST}{takeover.pk}/{act}"


def test_what_comes_to_one_is_said_everywhere(
    came: Takeover, client_of: ClientOf, nina: Identity
) -> None:
    browser = client_of(nina)
    title = "A service account waits for you to take it over"
    for address in ("/", "/requests/to-approve/"):
        assert title in browser.get(address).content.decode()
    assert ">1<" in browser.get("/profile/").content.decode()
    listed = browser.get(LIST).content.decode()
    for said in ("audit01", "Otto", "Its owner left", "Named as the successor"):
        assert said in listed
    shown = browser.get(page_of(came)).content.decode()
    assert "Otto has left, and the account came to you" in shown
    assert "Nightly export" in shown
    on_its_page = browser.get(f"/service-accounts/{came.account_id}/").content.decode()
    assert "Its owner left" in on_its_page
    assert "Secrets that an owner before may know" in on_its_page


def test_who_takes_it_over_answers_for_it(
    came: Takeover, client_of: ClientOf, nina: Identity
) -> None:
    browser = client_of(nina)
    answer = browser.post(page_of(came, "confirm/"), follow=True)
    assert "You answer for audit01 from now on." in answer.content.decode()
    assert not fresh(came.account).owner_has_left
    again = browser.post(page_of(came, "confirm/"), follow=True)
    assert "This is over" in again.content.decode()
    assert "This is over" in browser.get(page_of(came)).content.decode()
    assert "Nothing waits for you" in browser.get(LIST).content.decode()


def test_an_offer_names_the_keys_that_the_owner_before_downloaded(
    offered: Takeover, client_of: ClientOf, nina: Identity, otto: Identity
) -> None:
    account = offered.account
    now = timezone.now()
    with transaction.atomic():
        kind = pickups.Offer("P-256", None, timedelta(days=1))
        waiting = pickups.offer(by=SYSTEM, account=account, offer=kind, at=now)
    key = keys.claim(by=otto, pickup=waiting, within=None, at=now).credential
    assert key is not None
    browser = client_of(nina)
    shown = browser.get(page_of(offered)).content.decode()
    assert "Secrets that they may still know" in shown
    assert "key, downloaded by otto" in shown
    assert f"/service-accounts/{account.pk}/keys/" not in shown, "it is not theirs to see yet"
    assert "key, downloaded by" not in client_of(otto).get(page_of(offered)).content.decode()

    browser.post(page_of(offered, "confirm/"))
    on_its_page = browser.get(f"/service-accounts/{account.pk}/").content.decode()
    assert "Secrets that an owner before may know" in on_its_page
    Credential.objects.filter(pk=key.pk).update(made_by_id=nina.pk, created_by="somebody")
    on_its_page = browser.get(f"/service-accounts/{account.pk}/").content.decode()
    assert "Secrets that an owner before may know" not in on_its_page
    Credential.objects.filter(pk=key.pk).update(made_by_id=None, created_by="otto")
    on_its_page = browser.get(f"/service-accounts/{account.pk}/").content.decode()
    assert "Secrets that an owner before may know" in on_its_page, "of an old key by the name"


def test_where_a_successor_is_obligatory_the_new_owner_is_asked_for_one(
    offered: Takeover, client_of: ClientOf, nina: Identity, vera: Identity, ada: Identity
) -> None:
    states = dict.fromkeys([obligatory.SUCCESSOR.name], True)
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    browser = client_of(nina)
    browser.post(page_of(offered, "confirm/"))
    address = f"/service-accounts/{offered.account_id}/"
    asked = browser.get(address).content.decode()
    assert "No successor is named" in asked
    assert f'href="{address}successor/"' in asked
    assert f'href="{address}edit/"' in client_of(ada).get(address).content.decode()
    assert "No successor is named" not in client_of(vera).get(address).content.decode()


def test_an_offer_names_the_tokens_that_end(
    offered: Takeover, client_of: ClientOf, nina: Identity, otto: Identity
) -> None:
    shown = client_of(nina).get(page_of(offered)).content.decode()
    for said in ("Otto hands this account over to you", "Ask the team.", "Nightly export"):
        assert said in shown
    assert "Tokens that end when you accept" in shown
    token = Credential.objects.get(name="Nightly export")
    assert f'href="/personal-access-tokens/{token.pk}/' not in shown, "it is not theirs to see yet"
    mine = client_of(otto).get(page_of(offered)).content.decode()
    assert "Nina has not answered yet" in mine
    assert "Take it over" not in mine
    client_of(nina).post(page_of(offered, "confirm/"), {"keep_old_tokens": "on"})
    assert Event.objects.filter(action="personal_access_token.kept").exists()
    assert fresh(offered.account).owner == nina


def test_it_is_declined_or_kept_after_all(
    offered: Takeover, client_of: ClientOf, nina: Identity, otto: Identity
) -> None:
    answer = client_of(nina).post(page_of(offered, "decline/"), follow=True)
    assert "audit01 stays with Otto, who is told." in answer.content.decode()
    account = fresh(offered.account)
    again = actions.offer(by=otto, account=account, to=nina, note="", at=timezone.now())
    answer = client_of(otto).post(page_of(again, "withdraw/"), follow=True)
    assert "You keep audit01." in answer.content.decode()


def test_the_owner_hands_over_from_the_page_of_the_account(
    account: ServiceAccount, client_of: ClientOf, otto: Identity, nina: Identity
) -> None:
    browser, url = client_of(otto), f"/service-accounts/{account.pk}/hand-over/"
    assert url in browser.get(f"/service-accounts/{account.pk}/").content.decode()
    assert 'value="nina"' in browser.get(url).content.decode()
    for nobody in ("", "nobody-here", "otto"):
        page = browser.post(url, {"to": nobody, "note": "kept"})
        assert "Type the user name of another person" in page.content.decode()
        assert "kept" in page.content.decode()
    answer = browser.post(url, {"to": "nina@example.com", "note": "Ask me"}, follow=True)
    assert "audit01 is offered to Nina, who has to accept." in answer.content.decode()
    assert "It is offered to Nina already" in browser.get(url).content.decode()
    assert "What you hand over" in browser.get(LIST).content.decode()


def test_others_do_not_see_or_answer_it(
    offered: Takeover, account: ServiceAccount, client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    for stranger in (ada, vera):
        browser = client_of(stranger)
        assert browser.get(page_of(offered)).status_code == 404
        for act in ("confirm/", "decline/", "withdraw/"):
            assert browser.post(page_of(offered, act)).status_code == 404
    hand_over = f"/service-accounts/{account.pk}/hand-over/"
    assert client_of(vera).get(hand_over).status_code == 403
    assert client_of(ada).get(hand_over)["Location"].endswith("/edit/")
    assert Client().get(LIST).status_code == 302


def test_only_who_is_asked_answers(
    offered: Takeover, client_of: ClientOf, otto: Identity, nina: Identity
) -> None:
    assert client_of(otto).post(page_of(offered, "confirm/")).status_code == 403
    assert client_of(otto).post(page_of(offered, "decline/")).status_code == 403
    assert client_of(nina).post(page_of(offered, "withdraw/")).status_code == 403
    for act in ("confirm/", "decline/", "withdraw/"):
        assert client_of(nina).get(page_of(offered, act)).status_code == 405
    missing = f"{LIST}{uuid.uuid4()}/"
    assert client_of(nina).get(missing).status_code == 404


def test_many_are_taken_over_at_once_and_an_offer_only_singly(
    client_of: ClientOf, otto: Identity, nina: Identity, mallory: Identity, boss: Identity
) -> None:
    Identity.objects.filter(pk=otto.pk).update(manager=nina)
    for number in range(3):
        make_account(f"bot-{number}", owner=otto, scopes=[])
    leave(otto)
    upkeep()
    account = make_account("other", owner=boss).account
    one = actions.offer(by=boss, account=account, to=nina, note="", at=timezone.now())
    browser = client_of(nina)
    ids = [str(each.pk) for each in queries.waiting_for(nina)]
    foreign = client_of(mallory).post(f"{LIST}confirm/", {"selected": ids}, follow=True)
    assert "You answer for 0" in foreign.content.decode()
    answer = browser.post(f"{LIST}confirm/", {"selected": [*ids, "x"]}, follow=True)
    assert "You answer for 3 service accounts more from now on." in answer.content.decode()
    one.refresh_from_db()
    assert one.state == State.WAITING
    assert "Tick the accounts" in browser.post(f"{LIST}confirm/", follow=True).content.decode()


def test_the_list_costs_the_same_for_many(
    client_of: ClientOf, otto: Identity, nina: Identity
) -> None:
    Identity.objects.filter(pk=otto.pk).update(manager=nina)
    counts = []
    browser = client_of(nina)
    for number in range(12):
        make_account(f"bot-{number:02}", owner=otto, scopes=[])
    for most in (2, 12):
        leave(otto)
        passing.pass_on(at=timezone.now(), most=most)
        with CaptureQueriesContext(connection) as caught:
            browser.get(LIST)
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_administrators_see_which_owners_left(
    account: ServiceAccount, client_of: ClientOf, otto: Identity, nina: Identity, ada: Identity
) -> None:
    leave(otto)
    upkeep()
    browser = client_of(ada)
    front = browser.get("/").content.decode()
    assert "Their owner left" in front
    assert "Nina owns it now, and has not confirmed that yet." in front
    listed = browser.get("/service-accounts/?status=owner_left").content.decode()
    assert "audit01" in listed
    assert "Its owner left" in listed
    shown = browser.get(f"/service-accounts/{account.pk}/").content.decode()
    assert "It passed to Nina, who has not confirmed that yet." in shown
    back = browser.post(f"/identities/{otto.pk}/enable/", follow=True).content.decode()
    assert "Service accounts that passed on meanwhile stay with whoever owns them now." in back
