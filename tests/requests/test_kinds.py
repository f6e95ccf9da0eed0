from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.lib.errors import DomainError
from accounts.models import AccessRequest, Group, Identity, ServiceAccount
from accounts.requests import actions
from accounts.requests.kinds.base import kinds
from accounts.requests.moves import AskedAlready
from accounts.service_accounts import obligatory
from accounts.tenant import actions as tenant
from console.requests.forms import request_forms
from tests.factories import make_account
from tests.factories.groups import make_group
from tests.factories.requests import ask, carry_out, decide

pytestmark = pytest.mark.django_db


def granted(by: Identity, boss: Identity, kind: str, **details: Any) -> AccessRequest:
    request = ask(by, kind, **details)
    decide(boss, request)
    return carry_out(request)


@pytest.mark.parametrize("name", kinds.keys())
def test_a_kind_says_what_it_is(name: str) -> None:
    kind = kinds.get(name)
    assert str(kind.label)
    assert str(kind.description).endswith(".")


@pytest.mark.parametrize("name", kinds.keys())
def test_programs_are_told_of_what_the_form_asks(name: str) -> None:
    takes = kinds.get(name).takes
    assert all(str(each.description).endswith(".") for each in takes)
    assert {each.name for each in takes} == set(request_forms.get(name).base_fields) - {"reason"}


@pytest.mark.parametrize("name", kinds.keys())
def test_nothing_cannot_be_asked_for(requester: Identity, name: str) -> None:
    for details in ({}, {"account": "x", "group": "x", "scopes": "x", "ends_at": "x", "name": "x"}):
        with pytest.raises(DomainError):
            ask(requester, name, **details)


def test_a_new_account_has_who_asked_as_owner_and_manager(
    requester: Identity, boss: Identity
) -> None:
    ends = timezone.now() + timedelta(days=90)
    request = granted(
        requester,
        boss,
        "new_service_account",
        name="nightly-export",
        purpose="Exports at night.",
        scopes=["fr:idm:*"],
        ends_at=ends.isoformat(),
    )
    account = ServiceAccount.objects.get(name="nightly-export")
    assert (account.owner, account.identity.manager) == (requester, requester)
    assert (account.scopes, account.ends_at) == (["fr:idm:*"], ends)
    assert account.identity.origin == "request"
    assert not account.identity.credentials.exists()
    assert request.requested_for_id == account.pk
    assert account.created_by == f"System ({request.number})"


def test_a_new_account_brings_its_successor_and_what_the_tenant_wants(
    requester: Identity, boss: Identity, ada: Identity
) -> None:
    states = {switch.name: True for switch in obligatory.BY_FIELD.values()}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    details = {"name": "nightly-export", "purpose": "Exports at night."}
    ends = (timezone.now() + timedelta(days=90)).isoformat()
    for lacking in ({"ends_at": ends}, {"successor": str(boss.pk)}):
        with pytest.raises(obligatory.Missing):
            ask(requester, "new_service_account", **details, **lacking)
    whole = details | {"ends_at": ends, "successor": str(boss.pk)}
    granted(requester, boss, "new_service_account", **whole)
    account = ServiceAccount.objects.get(name="nightly-export")
    assert (account.owner, account.successor) == (requester, boss)


def test_what_the_tenant_wants_since_is_held_to_when_it_is_carried_out(
    requester: Identity, boss: Identity, ada: Identity
) -> None:
    request = ask(requester, "new_service_account", name="nightly", purpose="Exports")
    decide(boss, request)
    states = {obligatory.END.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    assert carry_out(request).state == "failed"
    assert "Choose an end date" in request.failure
    assert not ServiceAccount.objects.exists()


@pytest.mark.parametrize(
    "details",
    [
        {"name": "x", "purpose": "x", "successor": "x"},
        {"name": "", "purpose": "x"},
        {"name": "x", "purpose": ""},
        {"name": "audit01", "purpose": "x"},
        {"name": "x", "purpose": "x", "scopes": ["fr:idc:federation:*"]},
        {"name": "x", "purpose": "x", "scopes": [1]},
        {"name": "x", "purpose": "x", "ends_at": "2020-01-01T00:00:00+00:00"},
        {"name": "x", "purpose": "x", "ends_at": "2030-02-31T00:00:00+00:00"},
        {"name": "x", "purpose": "x", "ends_at": "2030-01-01"},
    ],
)
def test_an_account_that_cannot_be_is_not_asked_for(
    requester: Identity, account: ServiceAccount, details: dict[str, Any]
) -> None:
    with pytest.raises(DomainError):
        ask(requester, "new_service_account", **details)
    assert not AccessRequest.objects.exists()


def test_more_scopes_are_added_to_what_is_there_by_then(
    requester: Identity, boss: Identity, account: ServiceAccount
) -> None:
    request = ask(requester, "more_scopes", account=str(account.pk), scopes=["fr:am:*"])
    ServiceAccount.objects.update(scopes=["fr:idc:esv:read"])
    decide(boss, request)
    carry_out(request)
    account.refresh_from_db()
    assert account.scopes == ["fr:am:*", "fr:idc:esv:read"]


def test_scopes_that_are_there_are_not_asked_for(
    requester: Identity, account: ServiceAccount
) -> None:
    with pytest.raises(DomainError):
        ask(requester, "more_scopes", account=str(account.pk), scopes=["fr:idm:*"])


def test_a_later_end(requester: Identity, boss: Identity, account: ServiceAccount) -> None:
    now = timezone.now()
    ServiceAccount.objects.update(ends_at=now + timedelta(days=1))
    later = (now + timedelta(days=30)).isoformat()
    with pytest.raises(DomainError):
        ask(requester, "longer_life", account=str(account.pk), ends_at=now.isoformat())
    granted(requester, boss, "longer_life", account=str(account.pk), ends_at=later)
    account.refresh_from_db()
    assert account.ends_at is not None
    assert account.ends_at.isoformat() == later


def test_one_later_end_waits_at_a_time(requester: Identity, account: ServiceAccount) -> None:
    now = timezone.now()
    other = make_account("other", owner=requester).account
    ServiceAccount.objects.update(ends_at=now + timedelta(days=1))

    def later(days: int, of: ServiceAccount = account) -> AccessRequest:
        ends_at = (now + timedelta(days=days)).isoformat()
        return ask(requester, "longer_life", account=str(of.pk), ends_at=ends_at)

    first = later(30)
    with pytest.raises(AskedAlready, match=f"in other words: {first.number}"):
        later(60)
    later(60, of=other)
    actions.withdraw(by=requester, request=first, at=timezone.now())
    later(60)


def test_only_ones_own_accounts(requester: Identity, mallory: Identity, group: Group) -> None:
    theirs = str(make_account("theirs", owner=mallory).account.pk)
    for kind, details in (
        ("group_membership", {"group": str(group.pk)}),
        ("more_scopes", {"scopes": ["fr:am:*"]}),
        ("longer_life", {"ends_at": "2030-01-01T00:00:00+00:00"}),
    ):
        for account in (theirs, str(uuid.uuid4())):
            with pytest.raises(DomainError):
                ask(requester, kind, account=account, **details)


def test_only_groups_that_are_open_to_it(requester: Identity) -> None:
    closed = make_group("Closed")
    with pytest.raises(DomainError):
        ask(requester, "group_membership", group=str(closed.pk))


def test_a_membership_for_a_time(requester: Identity, boss: Identity, group: Group) -> None:
    until = timezone.now() + timedelta(days=2)
    granted(requester, boss, "group_membership", group=str(group.pk), until=until.isoformat())
    assert group.memberships.get().until == until
