"""The group and the roles that a tenant has from the start."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.authorization.permissions import Permission
from accounts.groups import actions, built_in, paths
from accounts.models import Group, Identity, Role
from accounts.roles import actions as role_actions
from accounts.roles import reach
from tests.factories import make_account
from tests.factories.groups import join, make_group, make_role
from tokens.scopes.effective import effective, of_identity

pytestmark = pytest.mark.django_db


def add() -> None:
    """As the migration does it."""
    built_in.add(apps, SimpleNamespace(connection=connection))


def test_members_read_and_call_and_try_calls(otto: Identity) -> None:
    add()
    group = Group.objects.get()
    account = make_account(owner=otto).account
    join(group, account.identity)

    assert (group.name, group.may_be_requested) == ("ServiceNow Service Accounts", True)
    assert [path.text for path in paths.paths_of(account.identity, timezone.now())] == [
        "[ServiceNow Service Accounts]/itil",
        "[ServiceNow Service Accounts]/rest_api_explorer",
    ]
    carried = reach.of_identity(account.pk, timezone.now())
    assert carried.permissions == {
        Permission.IDENTITY_VIEW,
        Permission.GROUP_VIEW,
        Permission.API_EXPLORER_USE,
    }
    account.identity.forget_cached_rights()
    assert "useraccount" in effective(of_identity(account.identity)).granted


def test_they_are_there_once_however_often_it_is_asked() -> None:
    add()
    add()
    assert Group.objects.count() == 1
    assert Role.objects.count() == 2


def test_what_has_such_a_name_already_stays_as_it_is() -> None:
    theirs = make_role("ITIL", permissions=["audit.view"])
    group = make_group("Servicenow service accounts", roles=[theirs])
    add()

    assert Group.objects.get().name == "Servicenow service accounts"
    assert reach.of_group(group.pk).permissions == {Permission.AUDIT_VIEW}
    assert sorted(Role.objects.values_list("name", flat=True)) == ["ITIL", "rest_api_explorer"]


def test_a_role_that_somebody_else_made_is_not_put_up_for_requests() -> None:
    make_role("itil", permissions=["audit.view"])
    add()

    assert reach.of_group(Group.objects.get().pk).permissions == {Permission.API_EXPLORER_USE}


def test_they_are_changed_and_deleted_like_any_others(ada: Identity) -> None:
    add()
    now, group = timezone.now(), Group.objects.get()
    role = Role.objects.get(name="itil")
    draft = role_actions.RoleDraft("itil", "", ["useraccount"], ["identity.view"])
    role_actions.edit(by=ada, role=role, draft=draft, revision=1, at=now)
    actions.delete(by=ada, group=group, at=now)
    role_actions.delete(by=ada, role=role, at=now)

    assert not Group.objects.exists()
