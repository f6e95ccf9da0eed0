"""An owner asks for a key or a token; once it is approved they have it made, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions as identities
from accounts.lib.errors import DomainError
from accounts.models import AccessRequest, Approval, Event, Identity, ServiceAccount
from accounts.requests.states import State
from accounts.takeovers import actions as takeovers
from console.credentials import mail as key_mail
from console.requests.mail import send_due
from tests.factories import make_account, make_person
from tests.factories.apis import make_api, make_scope
from tests.factories.requests import ask, carry_out, decide
from tests.factories.tokens import make_token
from tokens.credentials.asked_for import NoNeedToAsk
from tokens.models import Credential, KeyPickup, TokenPickup
from tokens.personal_access_tokens import pickups
from tokens.scopes.coverage import NotTheirsToGive

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def strong(account: ServiceAccount) -> ServiceAccount:
    """It may do more than Otto: he makes no token for it himself."""
    identities.set_levels(
        by=SYSTEM, identity=account.identity, levels=["auditor"], at=timezone.now()
    )
    return ServiceAccount.objects.select_related("identity", "owner").get(pk=account.pk)


def wanted(account: ServiceAccount, **changes: Any) -> dict[str, Any]:
    return {
        "account": str(account.pk),
        "credential": "personal_access_token",
        "days": 30,
        "name": "Nightly export",
        "scopes": [],
    } | changes


def approved(request: AccessRequest, *people: Identity) -> AccessRequest:
    for person in people:
        decide(person, request)
    return carry_out(request)


def test_a_key_is_claimed_after_the_manager_has_approved(
    client_of: ClientOf, requester: Identity, boss: Identity, account: ServiceAccount
) -> None:
    details = wanted(account, credential="key_pair", algorithm="P-256")
    request = ask(requester, "new_credential", **details)
    before = Credential.objects.count()
    approved(request, boss)
    assert request.state == State.DONE
    assert Credential.objects.count() == before
    offer = KeyPickup.objects.get()
    key_mail.send(offer)
    [told] = [message for message in mail.outbox if "A key for" in message.subject]
    assert "you asked for a key of the service account “audit01”" in told.body
    assert f"{request.number} is approved" in told.body
    assert "ask System" not in told.body
    browser = client_of(requester)
    page = browser.get(f"/requests/{request.pk}/").content.decode()
    assert "Have the key made" in page
    assert f"/key-pickups/{offer.pk}/" in page
    asked = browser.get(f"/key-pickups/{offer.pk}/").content.decode()
    assert f"You asked for it ({request.number}), and it was approved" in asked
    made = browser.post(f"/key-pickups/{offer.pk}/")
    assert "Key successfully created!" in made.content.decode()
    key = Credential.objects.get(identity=account.identity, retires_at=None)
    assert key.expires_at is not None
    assert timedelta(days=29) < key.expires_at - timezone.now() < timedelta(days=31)
    assert "Claimed" in browser.get(f"/requests/{request.pk}/").content.decode()
    assert browser.post(f"/key-pickups/{offer.pk}/").status_code == 410


def test_what_is_above_the_owner_needs_an_administrator_as_well(
    requester: Identity, boss: Identity, strong: ServiceAccount, ada: Identity
) -> None:
    for kind in ("key_pair", "personal_access_token"):
        request = ask(requester, "new_credential", **wanted(strong, credential=kind))
        parts = Approval.objects.filter(request=request)
        assert {part.approver for part in parts} == {boss, None}
        decide(boss, request)
        request.refresh_from_db()
        assert request.state == State.WAITING
        assert approved(request, ada).state == State.DONE


def test_a_token_is_claimed_once_and_seen_by_nobody_else(
    client_of: ClientOf, requester: Identity, boss: Identity, strong: ServiceAccount, ada: Identity
) -> None:
    request = ask(requester, "new_credential", **wanted(strong))
    approved(request, boss, ada)
    pickup = TokenPickup.objects.get()
    assert not Credential.objects.filter(kind="personal_access_token").exists()
    url = f"/personal-access-tokens/pickups/{pickup.pk}/"
    for other in (ada, boss):
        assert client_of(other).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    browser = client_of(requester)
    assert url in browser.get(f"/requests/{request.pk}/").content.decode()
    for page in ("/", "/service-accounts/mine/"):
        assert "A token of audit01 waits for you" in browser.get(page).content.decode()
    assert "fr:idm:*" in browser.get(url).content.decode()
    assert "Say what the token is for." in browser.post(url, {"name": ""}).content.decode()
    shown = browser.post(url, {"name": "Export"})
    assert "Personal access token successfully created!" in shown.content.decode()
    assert shown["Cache-Control"].startswith("no-store")
    token = Credential.objects.get(kind="personal_access_token")
    assert (token.identity_id, token.name, token.scopes) == (strong.pk, "Export", ["fr:idm:*"])
    assert token.made_by_id == requester.pk
    again = browser.post(url, {"name": "Again"})
    assert again.status_code == 410
    assert Credential.objects.filter(kind="personal_access_token").count() == 1
    done = browser.post(f"/personal-access-tokens/{token.pk}/stored/", {"stored": "on"})
    assert done.status_code == 302
    secrets = Event.objects.filter(action="personal_access_token.created")
    assert "secret" not in str(secrets.get().detail)


def test_the_mail_says_what_is_left_to_do(
    requester: Identity, boss: Identity, account: ServiceAccount
) -> None:
    details = wanted(account, credential="key_pair")
    request = approved(ask(requester, "new_credential", **details), boss)
    mail.outbox.clear()
    send_due()
    told = [message for message in mail.outbox if request.number in str(message.subject)]
    assert "Come for it within a week" in told[-1].body
    assert f"/requests/{request.pk}/" in told[-1].body


def test_it_lapses(
    client_of: ClientOf, requester: Identity, boss: Identity, strong: ServiceAccount, ada: Identity
) -> None:
    request = approved(ask(requester, "new_credential", **wanted(strong)), boss, ada)
    pickup = TokenPickup.objects.get()
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=True):
        with pytest.raises(pickups.NotYourToken):
            pickups.claim(by=requester, pickup=pickup, name="Late", within=None, at=timezone.now())
        page = client_of(requester).get(f"/requests/{request.pk}/").content.decode()
    assert "It lapsed, as nobody came for it." in page


def test_another_owner_ends_what_waits(
    requester: Identity, boss: Identity, strong: ServiceAccount, ada: Identity
) -> None:
    approved(ask(requester, "new_credential", **wanted(strong)), boss, ada)
    now = timezone.now()
    handed = takeovers.offer(by=requester, account=strong, to=boss, note="", at=now)
    takeovers.confirm(by=boss, takeover=handed, keep_old_tokens=False, at=now)
    pickup = TokenPickup.objects.get()
    assert pickup.cancelled_at is not None
    for person in (requester, boss):
        with pytest.raises(pickups.NotYourToken):
            pickups.claim(by=person, pickup=pickup, name="Mine", within=None, at=now)


def test_nobody_asks_for_what_they_may_make_or_what_cannot_be(
    requester: Identity, account: ServiceAccount, ada: Identity
) -> None:
    own = make_account("adas", owner=ada).account
    wrong = [
        (requester, wanted(account), "credential"),
        (ada, wanted(own, credential="key_pair"), "credential"),
        (requester, wanted(account, credential="password"), "credential"),
        (requester, wanted(own, credential="key_pair"), "account"),
        (requester, wanted(account, credential="key_pair", days=0), "days"),
        (requester, wanted(account, credential="key_pair", days=366), "days"),
        (requester, wanted(account, credential="key_pair", days="30"), "days"),
        (requester, wanted(account, credential="key_pair", algorithm="DES"), "algorithm"),
    ]
    for person, details, field in wrong:
        with pytest.raises(DomainError) as refused:
            ask(person, "new_credential", **details)
        assert refused.value.field == field
    assert not AccessRequest.objects.exists()


def test_a_token_has_no_more_scopes_than_its_account(
    requester: Identity, strong: ServiceAccount
) -> None:
    for scopes in (["fr:am:*"], ["no:such"], ["fr:idc:federation:*"]):
        with pytest.raises(DomainError) as refused:
            ask(requester, "new_credential", **wanted(strong, scopes=scopes))
        assert refused.value.field == "scopes"
    with pytest.raises(DomainError) as refused:
        ask(requester, "new_credential", **wanted(strong, name=""))
    assert refused.value.field == "name"


def test_a_scope_that_administrators_give_is_asked_for_and_they_decide(
    client_of: ClientOf,
    requester: Identity,
    boss: Identity,
    account: ServiceAccount,
    ada: Identity,
) -> None:
    make_scope(make_api(), "pay:wipe", restricted=True)
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:idm:*", "pay:wipe"])
    with pytest.raises(NotTheirsToGive, match="ask for it"):
        make_token(account.identity, by=requester, scopes=["pay:wipe"])
    with pytest.raises(NoNeedToAsk):
        ask(requester, "new_credential", **wanted(account, scopes=["fr:idm:*"]))
    request = ask(requester, "new_credential", **wanted(account, scopes=["pay:wipe"]))
    key = ask(requester, "new_credential", **wanted(account, credential="key_pair"))
    for asked in (request, key):
        parts = Approval.objects.filter(request=asked)
        assert {part.approver for part in parts} == {boss, None}
    assert approved(request, boss, ada).state == State.DONE
    pickup = TokenPickup.objects.get()
    page = f"/personal-access-tokens/pickups/{pickup.pk}/"
    shown = client_of(requester).post(page, {"name": "Wipe"}).content.decode()
    assert "Personal access token successfully created!" in shown
    assert Credential.objects.get(name="Wipe").scopes == ["pay:wipe"]


def test_a_scope_that_came_to_be_for_administrators_is_not_had_by_the_managers_word(
    requester: Identity, boss: Identity, account: ServiceAccount
) -> None:
    make_scope(make_api(), "pay:wipe", restricted=True)
    request = ask(requester, "new_credential", **wanted(account, credential="key_pair"))
    decide(boss, request)
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:idm:*", "pay:wipe"])
    assert carry_out(request).state == State.FAILED
    assert not KeyPickup.objects.exists()


def test_it_fails_where_the_account_may_do_more_by_now(
    requester: Identity, boss: Identity, account: ServiceAccount
) -> None:
    request = ask(requester, "new_credential", **wanted(account, credential="key_pair"))
    decide(boss, request)
    identities.set_levels(
        by=SYSTEM, identity=account.identity, levels=["auditor"], at=timezone.now()
    )
    assert carry_out(request).state == State.FAILED
    assert "may do more by now" in request.failure


def test_it_fails_where_the_account_has_lost_what_the_token_was_to_do(
    requester: Identity, boss: Identity, strong: ServiceAccount, ada: Identity
) -> None:
    request = ask(requester, "new_credential", **wanted(strong))
    ServiceAccount.objects.filter(pk=strong.pk).update(scopes=["fr:am:*"])
    assert approved(request, boss, ada).state == State.FAILED
    assert "scopes of its account alone" in request.failure
    assert not TokenPickup.objects.exists()


def test_it_fails_where_the_account_is_not_theirs_any_more(
    requester: Identity, boss: Identity, account: ServiceAccount
) -> None:
    details = wanted(account, credential="key_pair")
    request = ask(requester, "new_credential", **details)
    decide(boss, request)
    ServiceAccount.objects.filter(pk=account.pk).update(owner=make_person("other"))
    assert carry_out(request).state == State.FAILED
    assert not KeyPickup.objects.exists()


def test_the_form_takes_both(
    client_of: ClientOf, requester: Identity, strong: ServiceAccount
) -> None:
    browser, url = client_of(requester), "/requests/new/new_credential/"
    opened = browser.get(f"{url}?account={strong.pk}&credential=key_pair").content.decode()
    assert f'value="{strong.pk}" selected' in opened
    form = {"account": str(strong.pk), "days": "30", "reason": "For the export"}
    lacking = browser.post(url, form | {"credential": "personal_access_token"})
    assert "Say what the token is for." in lacking.content.decode()
    token = {"credential": "personal_access_token", "name": "Export", "scopes": ["fr:idm:*"]}
    browser.post(url, form | token)
    browser.post(url, form | {"credential": "key_pair", "algorithm": "P-256"})
    kept = [each.details["credential"] for each in AccessRequest.objects.order_by("asked_at")]
    assert kept == ["personal_access_token", "key_pair"]
    for tab in ("keys", "personal-access-tokens"):
        page = browser.get(f"/service-accounts/{strong.pk}/{tab}/").content.decode()
        assert url in page


def test_a_new_account_leads_to_its_page(
    client_of: ClientOf, requester: Identity, boss: Identity
) -> None:
    request = ask(requester, "new_service_account", name="nightly", purpose="Exports")
    approved(request, boss)
    page = client_of(requester).get(f"/requests/{request.pk}/").content.decode()
    account = ServiceAccount.objects.get(name="nightly")
    assert "What came of it" in page
    assert f"/service-accounts/{account.pk}/" in page
