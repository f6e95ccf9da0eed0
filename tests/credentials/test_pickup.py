"""The owner downloads the key: made at that moment, once, for them alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity
from accounts.service_accounts.actions import Details
from tests.credentials.forms import regenerate_form, regenerate_url
from tests.credentials.test_regenerate import holder_of
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tokens.credentials import actions, pickups, queries
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import Credential, KeyOrigin, KeyPickup
from tokens.service_accounts import actions as service_accounts

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def offer(admin: Client, made: Made) -> KeyPickup:
    """Ada offers Otto a new key for his account."""
    answer = admin.post(regenerate_url(made.account), regenerate_form(key_origin="owner"))
    assert answer.status_code == 200
    assert b"on its way to Otto" in answer.content
    return KeyPickup.objects.get()


def url_of(offer: KeyPickup) -> str:
    return reverse("credentials:pickup", args=[offer.pk])


def change_owner(by: Identity, made: Made, owner: Identity | None) -> None:
    account = made.account
    details = Details(account.name, account.description, owner, account.scopes)
    service_accounts.edit(
        by=by,
        account=account,
        details=details,
        revision=account.revision,
        revoke_tokens=False,
        at=timezone.now(),
    )


def test_nothing_is_made_until_the_owner_asks(offer: KeyPickup, owner: Client, made: Made) -> None:
    assert Credential.objects.count() == 1
    page = owner.get(url_of(offer))
    assert page.status_code == 200
    assert b"Make the key now" in page.content
    assert Credential.objects.count() == 1
    assert Holder(made).token()


def test_the_owner_gets_the_key_and_it_works(offer: KeyPickup, owner: Client, made: Made) -> None:
    answer = owner.post(url_of(offer))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert holder_of(made, answer.content.decode()).token()
    assert Holder(made).ask().status_code == 400
    credential = Credential.objects.latest("created_at")
    assert (credential.origin, credential.created_by) == (KeyOrigin.OWNER, "otto")
    assert Event.objects.filter(action="key.issued", actor_label="otto").exists()


def test_they_mark_it_as_stored_and_nobody_else_can(
    offer: KeyPickup, owner: Client, admin: Client
) -> None:
    owner.post(url_of(offer))
    credential = Credential.objects.latest("created_at")
    url = reverse("credentials:stored", args=[credential.pk])
    assert admin.post(url, {"stored": "on"}).status_code == 403
    assert owner.post(url, {"stored": "on"}).status_code == 302
    credential.refresh_from_db()
    assert credential.stored_at is not None


def test_a_second_time_there_is_no_key(offer: KeyPickup, owner: Client) -> None:
    owner.post(url_of(offer))
    for answer in (owner.post(url_of(offer)), owner.get(url_of(offer))):
        assert answer.status_code == 410
        assert b"data-secret-value" not in answer.content
        assert b"shown to you once" in answer.content
    assert Credential.objects.count() == 2


def test_for_everybody_else_it_does_not_exist(
    offer: KeyPickup,
    admin: Client,
    vera: Identity,
    mallory: Identity,
    client_of: ClientOf,
) -> None:
    for client in (admin, client_of(vera), client_of(mallory)):
        assert client.get(url_of(offer)).status_code == 404
        assert client.post(url_of(offer)).status_code == 404
    stranger = Client().get(url_of(offer))
    assert stranger["Location"] == f"/sign-in/?next={url_of(offer)}"
    offer.refresh_from_db()
    assert offer.claimed_at is None
    assert Credential.objects.count() == 1


def test_other_methods_do_nothing(offer: KeyPickup, owner: Client) -> None:
    """A scanner of mails follows links; some ask by HEAD, or for a part."""
    assert owner.head(url_of(offer)).status_code == 405
    assert owner.put(url_of(offer)).status_code == 405
    assert owner.get(url_of(offer), headers={"range": "bytes=0-10"}).status_code == 200
    unknown = reverse("credentials:pickup", args=[uuid.uuid4()])
    assert owner.get(unknown).status_code == 404
    assert Credential.objects.count() == 1


def test_the_password_is_asked_first(offer: KeyPickup, owner: Client) -> None:
    session = owner.session
    session["steward_confirmed_at"] = 0
    session.save()
    for answer in (owner.get(url_of(offer)), owner.post(url_of(offer))):
        assert b"step_up_password" in answer.content
    assert Credential.objects.count() == 1


def test_who_is_no_longer_the_owner_gets_nothing(
    offer: KeyPickup, owner: Client, made: Made, ada: Identity, mallory: Identity
) -> None:
    change_owner(ada, made, mallory)
    answer = owner.post(url_of(offer))
    assert answer.status_code == 410
    assert made.account.name.encode() not in answer.content
    with pytest.raises(Exception, match="not waiting for you"):
        actions.claim(by=offer.owner, pickup=offer, within=None, at=timezone.now())
    assert Credential.objects.count() == 1


def test_an_owner_who_comes_back_gets_nothing_either(
    offer: KeyPickup, owner: Client, made: Made, ada: Identity, mallory: Identity, otto: Identity
) -> None:
    change_owner(ada, made, mallory)
    made.account.refresh_from_db()
    change_owner(ada, made, otto)
    assert owner.post(url_of(offer)).status_code == 410
    assert Credential.objects.count() == 1


def withdrawn(admin: Client, made: Made, offer: KeyPickup) -> None:
    answer = admin.post(reverse("credentials:withdraw", args=[offer.pk]))
    assert answer.status_code == 302


def regenerated(admin: Client, made: Made, offer: KeyPickup) -> None:
    admin.post(regenerate_url(made.account), regenerate_form())


def offered_again(admin: Client, made: Made, offer: KeyPickup) -> None:
    admin.post(regenerate_url(made.account), regenerate_form(key_origin="owner"))


@pytest.mark.parametrize("how", [withdrawn, regenerated, offered_again])
def test_an_offer_ends(
    how: Callable[..., None], offer: KeyPickup, admin: Client, owner: Client, made: Made
) -> None:
    how(admin, made, offer)
    assert owner.post(url_of(offer)).status_code == 410
    assert not Credential.objects.filter(origin=KeyOrigin.OWNER).exists()
    assert Event.objects.filter(action="key.offer_withdrawn").count() == 1


def test_an_offer_lapses_after_a_week(offer: KeyPickup, owner: Client, client_of: ClientOf) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=True):
        answer = client_of(offer.owner).post(url_of(offer))
    assert answer.status_code == 410
    assert b"The offer ended on" in answer.content


def test_an_offer_for_a_deleted_account_is_gone(
    offer: KeyPickup, owner: Client, made: Made, ada: Identity
) -> None:
    service_accounts.delete(by=ada, account=made.account, at=timezone.now())
    assert owner.get(url_of(offer)).status_code == 404
    assert owner.post(url_of(offer)).status_code == 404


def test_only_administrators_withdraw_and_twice_is_harmless(
    offer: KeyPickup, admin: Client, owner: Client, vera: Identity, client_of: ClientOf
) -> None:
    url = reverse("credentials:withdraw", args=[offer.pk])
    assert owner.post(url).status_code == 403
    assert client_of(vera).post(url).status_code == 403
    assert admin.get(url).status_code == 405
    assert admin.post(reverse("credentials:withdraw", args=[uuid.uuid4()])).status_code == 404
    assert admin.post(url).status_code == admin.post(url).status_code == 302
    assert Event.objects.filter(action="key.offer_withdrawn").count() == 1


def test_the_waiting_ones_are_listed_for_their_owner_alone(
    offer: KeyPickup, otto: Identity, mallory: Identity, ada: Identity, made: Made
) -> None:
    now = timezone.now()
    waiting = list(queries.waiting_for(otto, now))
    assert [pickup.identity.service_account for pickup in waiting] == [made.account]
    for person in (ada, mallory):
        assert not queries.waiting_for(person, now).exists()
    assert not queries.waiting_for(otto, now + pickups.LIFETIME).exists()


@pytest.mark.parametrize("owner_of", [None, "without_mail", "disabled"])
def test_without_an_owner_who_can_come_nothing_is_offered(
    owner_of: str | None, admin: Client, made: Made, otto: Identity, ada: Identity
) -> None:
    match owner_of:
        case None:
            change_owner(ada, made, None)
        case "without_mail":
            Identity.objects.filter(pk=otto.pk).update(email="")
        case _:
            Identity.objects.filter(pk=otto.pk).update(
                disabled_at=timezone.now(), disabled_by="ada"
            )
    answer = admin.post(regenerate_url(made.account), regenerate_form(key_origin="owner"))
    assert b"There is a problem" in answer.content
    assert not KeyPickup.objects.exists()


def test_the_old_key_goes_on_from_the_moment_of_the_download(
    admin: Client, owner: Client, made: Made
) -> None:
    form = regenerate_form(key_origin="owner", keep_old="3600", key_expiry="30")
    admin.post(regenerate_url(made.account), form)
    offer = KeyPickup.objects.get()
    made.credential.refresh_from_db()
    assert made.credential.retires_at is None
    before = timezone.now()
    owner.post(url_of(offer))
    made.credential.refresh_from_db()
    new = Credential.objects.latest("created_at")
    assert made.credential.retires_at is not None
    assert made.credential.retires_at - before >= timedelta(hours=1)
    assert new.expires_at == new.created_at + timedelta(days=30)


def test_an_account_may_be_made_without_any_key(otto: Identity, ada: Identity, owner: Any) -> None:
    issued = service_accounts.create(
        by=ada,
        details=Details("audit09", "", otto, ["fr:am:*"]),
        key=KeyChoice(KeyOrigin.OWNER, "P-256"),
        within=None,
        at=timezone.now(),
    )
    assert issued.credential is None
    assert issued.private is None
    assert issued.pickup is not None
    assert owner.post(url_of(issued.pickup)).status_code == 200
    assert Credential.objects.get().identity_id == issued.account.pk
