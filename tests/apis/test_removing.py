"""What is removed is taken from every account and token that has it, or it would come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Event, Identity, ServiceAccount
from tests.factories import make_account
from tests.factories.apis import make_api, make_scope
from tests.factories.groups import make_group, make_role
from tests.factories.tokens import make_token
from tokens.apis import actions, queries
from tokens.apis.actions import HoldersChanged
from tokens.models import ApiScope
from tokens.personal_access_tokens import actions as tokens
from tokens.scopes.effective import effective, of_identity

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def test_a_scope_is_taken_from_accounts_and_tokens_each_recorded(ada: Identity) -> None:
    api = make_api()
    scope = make_scope(api)
    make_scope(api, "pay:read:own", parent=scope)
    holder = make_account(scopes=["fr:am:*", "pay:read"], owner=ada).account
    other = make_account("other", scopes=["fr:am:*", "pay:read:own"]).account
    token = make_token(holder.identity, scopes=["pay:read", "fr:am:*"], by=ada).token
    revoked = make_token(holder.identity, "Old", scopes=["pay:read"], by=ada).token
    tokens.revoke(by=ada, token=revoked, at=timezone.now())

    actions.remove_scope(by=ada, scope=scope, at=timezone.now())

    holder.refresh_from_db()
    other.refresh_from_db()
    token.refresh_from_db()
    assert (holder.scopes, holder.revision) == (["fr:am:*"], 2)
    assert (other.scopes, other.revision) == (["fr:am:*", "pay:read:own"], 1)
    assert token.scopes == ["fr:am:*"]
    edited = Event.objects.get(action="service_account.edited")
    assert edited.detail["before"] == {"scopes": ["fr:am:*", "pay:read"]}
    told = Event.objects.get(action="personal_access_token.edited")
    assert told.detail["after"]["scopes"] == ["fr:am:*"]
    removed = Event.objects.get(action="own_api.scope_deleted")
    assert (removed.detail["accounts"], removed.detail["tokens"]) == (1, 1)


def test_what_stood_below_moves_up(ada: Identity) -> None:
    api = make_api()
    top = make_scope(api, "pay:*")
    middle = make_scope(api, "pay:read", parent=top)
    low = make_scope(api, "pay:read:own", parent=middle)
    actions.remove_scope(by=ada, scope=middle, at=timezone.now())
    low.refresh_from_db()
    assert low.parent_id == top.pk


def test_an_api_goes_with_all_of_its_scopes(ada: Identity) -> None:
    api = make_api()
    make_scope(api, "pay:read", parent=make_scope(api, "pay:*"))
    account = make_account(scopes=["fr:am:*", "pay:*"]).account
    actions.remove(by=ada, api=api, at=timezone.now())
    account.refresh_from_db()
    assert account.scopes == ["fr:am:*"]
    assert not ApiScope.objects.exists()
    again = make_scope(make_api(), "pay:*")
    assert effective(of_identity(account.identity), [again.name]).granted == []


def test_a_scope_is_taken_from_roles_and_none_of_its_name_comes_back_by_them(
    ada: Identity,
) -> None:
    scope = make_scope(make_api(), "pay:read")
    role = make_role("Payroll reader", scopes=["fr:am:*", "pay:read"])
    account = make_account(scopes=[]).account
    make_group(roles=[role], members=[account.identity])
    seen = queries.holders(["pay:read"]).digest
    assert seen != queries.holders([]).digest

    actions.remove_scope(by=ada, scope=scope, at=timezone.now(), seen=seen)

    role.refresh_from_db()
    assert (role.scopes, role.revision) == (["fr:am:*"], 2)
    edited = Event.objects.get(action="role.edited")
    assert edited.detail["before"] == {"scopes": ["fr:am:*", "pay:read"]}
    assert Event.objects.get(action="own_api.scope_deleted").detail["roles"] == 1
    make_scope(make_api("Other", audience="https://other.example.com"), "pay:read")
    holder = Identity.objects.get(pk=account.pk)
    assert effective(of_identity(holder), ["pay:read"]).granted == []


def test_the_page_names_the_roles(client_of: ClientOf, ada: Identity) -> None:
    scope = make_scope(make_api(), "pay:read")
    make_role("Payroll reader", scopes=["pay:read"])
    address = f"/tenant-settings/api-scopes/{scope.pk}/remove/"
    page = client_of(ada).get(address).content.decode()
    assert "It is taken from 1 role" in page
    assert "Payroll reader" in page


def test_who_holds_it_is_found_by_the_exact_name() -> None:
    api = make_api()
    for name in ("pay:read", "pay:read:own", "pay:r_ad", "pay:%"):
        make_scope(api, name)
        make_account(f"has {name.replace(':', ' ')}", scopes=[name])
    for name in ("pay:read", "pay:r_ad", "pay:%"):
        assert [account.scopes for account in queries.holders([name]).accounts] == [[name]]
    assert not queries.holders([]).accounts.exists()
    assert not queries.holders(["PAY:nothing"]).tokens.exists()


def test_nothing_is_taken_from_somebody_who_was_not_named(ada: Identity) -> None:
    scope = make_scope(make_api())
    seen = queries.holders([scope.name]).digest
    account = make_account(scopes=[scope.name]).account
    with pytest.raises(HoldersChanged):
        actions.remove_scope(by=ada, scope=scope, at=timezone.now(), seen=seen)
    account.refresh_from_db()
    assert account.scopes == [scope.name]
    assert ApiScope.objects.filter(pk=scope.pk).exists()
    now_seen = queries.holders([scope.name]).digest
    actions.remove_scope(by=ada, scope=scope, at=timezone.now(), seen=now_seen)
    assert ServiceAccount.objects.get(pk=account.pk).scopes == []
