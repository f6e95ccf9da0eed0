"""Who manages service accounts by a role gets no rights by those of an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.authorization.levels import ADMIN
from accounts.identities import granting
from accounts.identities.policies import AboveOneself
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.models import Credential

pytestmark = pytest.mark.django_db
A_KEY: Any = {
    "choice": KeyChoice(origin=KeyOrigin.STEWARD, algorithm="P-256"),
    "keep_old_for": timedelta(0),
    "revoke_tokens": False,
}


@pytest.fixture
def clerk(db: None) -> Identity:
    role = make_role("clerk", permissions=["service_account.manage", "service_account.view_all"])
    person = make_person("clerk")
    make_group(members=[person], roles=[role])
    return Identity.objects.get(pk=person.pk)


@pytest.fixture
def powerful(ada: Identity) -> ServiceAccount:
    account = make_account("powerful").account
    granting.set_levels(by=ada, identity=account.identity, levels=[ADMIN], at=timezone.now())
    return ServiceAccount.objects.get(pk=account.pk)


def edit(by: Identity, account: ServiceAccount, **changes: object) -> ServiceAccount:
    details = replace(Details.of(account), **changes)  # type: ignore[arg-type]  # any of its fields
    return service_accounts.edit(
        by=by, account=account, details=details, revision=account.revision, at=timezone.now()
    )


def test_no_key_of_an_account_that_may_more(clerk: Identity, powerful: ServiceAccount) -> None:
    with pytest.raises(AboveOneself):
        credentials.regenerate(by=clerk, account=powerful, **A_KEY, within=None, at=timezone.now())
    assert Credential.objects.filter(identity=powerful.identity).count() == 1


def test_neither_another_scope_nor_another_owner(clerk: Identity, powerful: ServiceAccount) -> None:
    with pytest.raises(AboveOneself):
        edit(clerk, powerful, scopes=["fr:am:*", "steward:all"])
    with pytest.raises(AboveOneself):
        edit(clerk, powerful, owner=clerk)
    assert edit(clerk, powerful, description="Told anew.").description == "Told anew."


def test_what_may_no_more_than_they_is_theirs_to_manage(clerk: Identity) -> None:
    account = make_account("plain").account
    credentials.regenerate(by=clerk, account=account, **A_KEY, within=None, at=timezone.now())
    account.refresh_from_db()
    assert edit(clerk, account, scopes=["fr:am:*"]).scopes == ["fr:am:*"]
