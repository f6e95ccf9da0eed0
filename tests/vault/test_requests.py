"""Access to a stored account, asked for: the manager and an owner decide, both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.lib.errors import DomainError
from accounts.models import AccessRequest, Event, Identity, Share, StoredAccount
from accounts.requests import delegating
from accounts.requests.kinds import vault_item
from accounts.requests.states import State
from accounts.vault import actions, policies, sharing
from accounts.vault.models import ShareRole
from tests.factories import make_account, make_person
from tests.factories.requests import ask, carry_out, decide
from tests.factories.vault import PASSWORD, make_item, share


@pytest.fixture
def boss(db: None) -> Identity:
    return make_person("boss")


@pytest.fixture
def rita(boss: Identity) -> Identity:
    found = make_person("rita")
    Identity.objects.filter(pk=found.pk).update(manager=boss)
    return Identity.objects.get(pk=found.pk)


def wanted(by: Identity, item: StoredAccount, **details: Any) -> AccessRequest:
    return ask(by, "vault_item", item=str(item.pk), **details)


def test_the_manager_and_an_owner_both_decide(
    otto: Identity, boss: Identity, rita: Identity
) -> None:
    item = make_item(otto, may_be_requested=True)
    until = timezone.now() + timedelta(days=3)
    request = wanted(rita, item, until=until.isoformat())

    decide(boss, request)
    request.refresh_from_db()
    assert request.state == State.WAITING
    decide(otto, request)
    assert carry_out(request).state == State.DONE
    given = Share.objects.get(item=item, identity=rita)
    assert (given.role, given.until) == ("collaborator", until)
    event = Event.objects.get(action="stored_account.shared")
    assert event.detail["approved_by"] == [boss.user_name, otto.user_name]


def test_a_manager_who_owns_it_decides_once(boss: Identity, rita: Identity) -> None:
    item = make_item(boss, may_be_requested=True)
    request = wanted(rita, item, role="owner")
    decide(boss, request)

    assert carry_out(request).state == State.DONE
    secret = actions.reveal(by=rita, item=item, at=timezone.now())
    assert secret.take() == PASSWORD


@pytest.mark.parametrize("details", [{"role": "admin"}, {"until": "2001-01-01T00:00:00Z"}])
def test_what_nobody_can_have_is_refused(
    otto: Identity, rita: Identity, details: dict[str, str]
) -> None:
    item = make_item(otto, may_be_requested=True)

    with pytest.raises(DomainError):
        wanted(rita, item, **details)


def test_one_that_is_not_open_to_requests_is_not_named(otto: Identity, rita: Identity) -> None:
    with pytest.raises(vault_item.NotToBeShared):
        wanted(rita, make_item(otto))


def test_who_owns_it_loses_nothing_by_asking_for_less(otto: Identity, rita: Identity) -> None:
    item = make_item(otto, may_be_requested=True)
    request = wanted(rita, item)
    share(item, rita, ShareRole.OWNER)
    with pytest.raises(vault_item.HasItAlready):
        wanted(rita, item, role="owner")

    assert rita.manager is not None
    decide(rita.manager, request)
    decide(otto, request)
    assert carry_out(request).state == State.FAILED
    assert policies.role_of(rita, item, timezone.now()) == ShareRole.OWNER


def test_the_yes_of_who_owns_it_no_more_does_not_count(
    otto: Identity, boss: Identity, rita: Identity
) -> None:
    item = make_item(otto, may_be_requested=True)
    request = wanted(rita, item)
    decide(otto, request)
    share(item, make_person("heir"), ShareRole.OWNER)
    own = item.shares.get(identity=otto)
    sharing.unshare(by=otto, item=item, share=own, at=timezone.now())
    decide(boss, request)

    assert carry_out(request).state == State.FAILED
    assert not Share.objects.filter(identity=rita).exists()


def test_of_an_orphan_an_administrator_decides_in_place_of_the_owner(
    ada: Identity, otto: Identity, boss: Identity, rita: Identity
) -> None:
    item = make_item(otto, may_be_requested=True)
    identities.disable(by=ada, identity=otto, at=timezone.now())
    request = wanted(rita, item)

    decide(boss, request)
    request.refresh_from_db()
    assert request.state == State.WAITING
    decide(ada, request)
    assert carry_out(request).state == State.DONE


def test_nobody_shuts_the_owner_out_by_making_them_their_deputy(
    otto: Identity, boss: Identity, rita: Identity
) -> None:
    item, now = make_item(otto, may_be_requested=True), timezone.now()
    until = now + timedelta(days=7)
    delegating.set_delegate(by=rita, delegate=otto, since=now, until=until, at=now)

    with pytest.raises(vault_item.OwnerIsDeputy):
        wanted(rita, item, role="owner")


def test_an_administrators_yes_does_not_count_where_somebody_owns_it_meanwhile(
    ada: Identity, otto: Identity, boss: Identity, rita: Identity
) -> None:
    item = make_item(otto, may_be_requested=True)
    identities.disable(by=ada, identity=otto, at=timezone.now())
    request = wanted(rita, item)
    heir = make_person("heir")
    sharing.give_owner(by=ada, item=item, owner=heir, at=timezone.now())

    decide(boss, request)
    decide(ada, request)
    assert carry_out(request).state == State.FAILED
    assert not Share.objects.filter(identity=rita).exists()


def test_one_that_was_deleted_meanwhile_is_given_to_nobody(
    otto: Identity, boss: Identity, rita: Identity
) -> None:
    item = make_item(otto, may_be_requested=True)
    request = wanted(rita, item)
    decide(boss, request)
    actions.delete(by=otto, item=item, at=timezone.now())

    with pytest.raises(vault_item.NotToBeShared):
        decide(otto, request)
    assert not Share.objects.filter(identity=rita).exists()


def test_a_service_account_asks_for_none(otto: Identity, boss: Identity) -> None:
    item = make_item(otto, may_be_requested=True)
    machine = make_account("machine", owner=otto).account.identity

    with pytest.raises(NotAllowed):
        wanted(machine, item)


def test_the_form_offers_what_can_be_asked_for_and_says_no_more(
    client_of: Callable[[Identity], Client], otto: Identity, rita: Identity
) -> None:
    open_one = make_item(otto, may_be_requested=True, notes="Ask Pia")
    make_item(otto, label="Closed")
    browser = client_of(rita)

    form = browser.get("/requests/new/vault_item/").content.decode()
    assert "Ads manager (Slack)" in form
    assert "Closed" not in form
    assert "Pia" not in form
    said = {"item": str(open_one.pk), "role": "collaborator", "reason": "For the spring campaign"}
    answer = browser.post("/requests/new/vault_item/", said, follow=True)
    assert "Ads manager" in answer.content.decode()
    assert AccessRequest.objects.get().kind == "vault_item"
