"""Integrations as the domain keeps them: who may say what, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.integrations import actions
from accounts.integrations.actions import (
    EditConflict,
    IntegrationDraft,
    IntegrationGone,
    NameTaken,
    TooMany,
)
from accounts.integrations.models import Environment
from accounts.integrations.policies import BadAddress, BadOwner
from accounts.lib.errors import DomainError
from accounts.models import Event, Identity, Integration, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import AccountGone
from tests.factories import make_account, make_person
from tests.factories.integrations import make_integration
from tokens.scopes.coverage import BadScopes

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(otto: Identity) -> ServiceAccount:
    return make_account("nightly", owner=otto).account


def test_its_owner_declares_what_uses_it_and_the_log_has_all(
    account: ServiceAccount, otto: Identity
) -> None:
    draft = IntegrationDraft(
        name=" Payroll  export ",
        application="Payroll",
        environment=Environment.STAGING,
        owner=otto,
        contact="payroll@corp.example",
        scopes=["fr:idm:*", "fr:idm:*"],
        client="export/1.0",
        address="2001:DB8::0007",
        notes="Runs at night.\r\nAsk first.",
    )
    made = actions.declare(by=otto, account=account, draft=draft, at=timezone.now())
    event = Event.objects.get(action="integration.declared")
    assert (event.actor_id, event.subject_id) == (str(otto.pk), str(made.pk))
    assert event.detail["after"] == {
        "service_account": "nightly",
        "name": "Payroll export",
        "application": "Payroll",
        "environment": "staging",
        "owner": "otto",
        "contact": "payroll@corp.example",
        "scopes": ["fr:idm:*"],
        "client": "export/1.0",
        "address": "2001:db8::7",
        "notes": "Runs at night.\nAsk first.",
    }


def test_nobody_else_declares_changes_or_removes(
    account: ServiceAccount, vera: Identity, mallory: Identity
) -> None:
    integration = make_integration(account, owner=mallory)
    for by in (vera, mallory, account.identity, make_person("help", levels=["helpdesk"])):
        with pytest.raises(NotAllowed):
            actions.declare(
                by=by, account=account, draft=IntegrationDraft("X", "Y"), at=timezone.now()
            )
        with pytest.raises(NotAllowed):
            actions.edit(
                by=by,
                integration=integration,
                draft=IntegrationDraft("X", "Y"),
                revision=1,
                at=timezone.now(),
            )
        with pytest.raises(NotAllowed):
            actions.remove(by=by, integration=integration, at=timezone.now())
    assert Integration.objects.get() == integration


def test_who_owned_it_until_a_moment_ago_is_refused(
    account: ServiceAccount, otto: Identity, ada: Identity
) -> None:
    """The page was opened before the account changed hands."""
    integration = make_integration(account)
    stale = Integration.objects.select_related("account").get()
    ServiceAccount.objects.filter(pk=account.pk).update(owner=ada)
    with pytest.raises(NotAllowed):
        actions.remove(by=otto, integration=stale, at=timezone.now())
    with pytest.raises(NotAllowed):
        actions.declare(
            by=otto, account=account, draft=IntegrationDraft("X", "Y"), at=timezone.now()
        )
    assert Integration.objects.get() == integration


@pytest.mark.parametrize(
    ("wrong", "error", "field"),
    [
        ({"name": " "}, DomainError, "name"),
        ({"name": "x" * 101}, DomainError, "name"),
        ({"application": ""}, DomainError, "application"),
        ({"contact": "a\nb"}, DomainError, "contact"),
        ({"notes": "n" * 2001}, DomainError, "notes"),
        ({"client": "a\u202eb"}, DomainError, "client"),
        ({"address": "192.0.2"}, BadAddress, "address"),
        ({"address": "1" * 9999}, BadAddress, "address"),
        ({"scopes": ["fr:nothing:*"]}, BadScopes, "scopes"),
        ({"scopes": ["fr:am:*"] * 201}, TooMany, "scopes"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(
    account: ServiceAccount, wrong: dict[str, Any], error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as refused:
        make_integration(account, **wrong)
    assert refused.value.field == field
    assert not Integration.objects.exists()


def test_the_owner_is_a_person_who_can_sign_in_and_stays_when_they_leave(
    account: ServiceAccount, ada: Identity
) -> None:
    gone = make_person("gone")
    integration = make_integration(account, owner=gone)
    identities.disable(by=SYSTEM, identity=gone, at=timezone.now())
    gone.refresh_from_db()
    for owner in (gone, account.identity):
        with pytest.raises(BadOwner):
            make_integration(account, "Another", owner=owner)
    draft = IntegrationDraft("Payroll export", "Payroll 2", owner=gone)
    changed = actions.edit(
        by=ada, integration=integration, draft=draft, revision=1, at=timezone.now()
    )
    assert (changed.owner, changed.application, changed.revision) == (gone, "Payroll 2", 2)


def test_names_are_one_an_account_also_where_they_only_look_alike(account: ServiceAccount) -> None:
    make_integration(account, "Payroll")
    with pytest.raises(NameTaken):
        make_integration(account, "PAYROLL")
    make_integration(make_account("another").account, "Payroll")
    with transaction.atomic(), pytest.raises(IntegrityError, match=r"named_once|UNIQUE"):
        Integration.objects.create(
            account=account,
            name="Payroll",
            name_key=Integration.objects.filter(account=account).get().name_key,
            application="X",
            created_at=timezone.now(),
            changed_at=timezone.now(),
        )


def test_an_account_has_no_more_than_may_be(
    account: ServiceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_OF_AN_ACCOUNT", 1)
    make_integration(account)
    with pytest.raises(TooMany):
        make_integration(account, "Another")


def test_an_edit_says_what_changed_and_one_of_nothing_says_nothing(
    account: ServiceAccount, ada: Identity
) -> None:
    integration = make_integration(account, contact="a@corp.example")
    same = IntegrationDraft("Payroll export", "Payroll", contact="a@corp.example")
    actions.edit(by=ada, integration=integration, draft=same, revision=1, at=timezone.now())
    assert not Event.objects.filter(action="integration.edited").exists()
    other = IntegrationDraft("Payroll export", "Payroll", contact="b@corp.example")
    actions.edit(by=ada, integration=integration, draft=other, revision=1, at=timezone.now())
    event = Event.objects.get(action="integration.edited")
    assert event.detail["before"] == {"contact": "a@corp.example"}
    assert event.detail["after"] == {"contact": "b@corp.example"}
    with pytest.raises(EditConflict):
        actions.edit(by=ada, integration=integration, draft=same, revision=1, at=timezone.now())


def test_what_is_removed_is_gone_and_twice_is_said(account: ServiceAccount, ada: Identity) -> None:
    integration = make_integration(account)
    with pytest.raises(EditConflict):
        actions.remove(by=ada, integration=integration, revision=7, at=timezone.now())
    actions.remove(by=ada, integration=integration, at=timezone.now())
    assert Event.objects.get(action="integration.removed").detail["before"]["name"]
    with pytest.raises(IntegrationGone):
        actions.remove(by=ada, integration=integration, at=timezone.now())


def test_a_deleted_account_has_none_to_see_or_change(
    account: ServiceAccount, ada: Identity
) -> None:
    integration = make_integration(account)
    service_accounts.delete(by=SYSTEM, account=account, at=timezone.now())
    assert not Integration.objects.visible_to(ada).exists()
    with pytest.raises(AccountGone):
        actions.remove(by=ada, integration=integration, at=timezone.now())
    with pytest.raises(AccountGone):
        make_integration(account, "Late")


def test_one_sees_those_of_ones_accounts_and_those_one_answers_for(
    account: ServiceAccount, otto: Identity, vera: Identity, mallory: Identity
) -> None:
    answered = make_person("nina")
    integration = make_integration(account, owner=answered)
    for person in (otto, vera, answered, account.identity):
        assert Integration.objects.visible_to(person).get() == integration
    assert not Integration.objects.visible_to(mallory).exists()
