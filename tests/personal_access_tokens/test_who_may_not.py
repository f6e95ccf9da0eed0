"""Who may make no token of a service account is told why, and not asked for a password first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.levels import ADMIN
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from console.ui.confirmation import CONFIRMED_AT
from tests.personal_access_tokens.test_new_page import new_for

pytestmark = pytest.mark.django_db


def unconfirmed(client: Client) -> Client:
    session = client.session
    session.pop(CONFIRMED_AT, None)
    session.save()
    return client


def test_the_owner_of_an_account_that_may_do_more_is_told_so(
    owner: Client, ada: Identity, account: ServiceAccount
) -> None:
    url, tab = new_for(account), f"/service-accounts/{account.pk}/personal-access-tokens/"
    assert "You cannot make a token" not in owner.get(tab).content.decode()
    identities.set_levels(by=ada, identity=account.identity, levels=[ADMIN], at=timezone.now())
    why = "audit01 may do what you may not, by its user levels or roles"
    text = owner.get(tab).content.decode()
    assert "You cannot make a token of this account" in text
    assert why in text
    assert url not in text
    answer = owner.get(url)
    assert answer.status_code == 403
    assert why in answer.content.decode()
    assert "Your user level does not include it" not in answer.content.decode()


def test_an_auditor_is_refused_before_the_password(
    client_of: Callable[[Identity], Client], vera: Identity, account: ServiceAccount
) -> None:
    auditor = unconfirmed(client_of(vera))
    for answer in (auditor.get(new_for(account)), auditor.post(new_for(account))):
        assert answer.status_code == 403
        assert "Your user level does not include it" in answer.content.decode()
    tab = f"/service-accounts/{account.pk}/personal-access-tokens/"
    assert "You cannot make a token" not in auditor.get(tab).content.decode()


def test_its_owner_is_still_asked(owner: Client, account: ServiceAccount) -> None:
    assert "Confirm that it is you" in unconfirmed(owner).get(new_for(account)).content.decode()
