from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions
from accounts.service_accounts.actions import Details
from tests.factories import make_account, make_person


@pytest.fixture
def nina(db: None) -> Identity:
    """The successor."""
    return make_person("nina", first_name="Nina")


@pytest.fixture
def boss(db: None) -> Identity:
    return make_person("boss")


@pytest.fixture
def account(otto: Identity, boss: Identity, nina: Identity) -> ServiceAccount:
    """Otto owns audit01; Nina is its successor, and boss his manager."""
    Identity.objects.filter(pk=otto.pk).update(manager=boss)
    made = make_account("audit01", owner=otto, scopes=["fr:am:*"]).account
    return name_successor(made, nina)


def name_successor(account: ServiceAccount, successor: Identity | None) -> ServiceAccount:
    now = ServiceAccount.objects.get(pk=account.pk)
    details = replace(Details.of(now), successor=successor)
    return actions.edit(
        by=SYSTEM, account=now, details=details, revision=now.revision, at=timezone.now()
    )


def leave(*people: Identity) -> None:
    for person in people:
        identities.disable(by=SYSTEM, identity=person, at=timezone.now())


def come_back(person: Identity) -> None:
    identities.enable(by=SYSTEM, identity=person, at=timezone.now())


def fresh(account: ServiceAccount) -> ServiceAccount:
    return ServiceAccount.objects.select_related("owner", "successor").get(pk=account.pk)
