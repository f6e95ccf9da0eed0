from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.groups.upkeep import end_what_ran_out
from accounts.models import Event, Identity, Role, RoleAssignment
from accounts.roles import actions, assigning
from accounts.roles.actions import Circle, EditConflict, NameTaken, RoleDraft, RoleGone
from accounts.roles.assigning import EndsInThePast, Inherited
from accounts.roles.policies import NOT_BY_ROLE, NotByRole, UnknownPermission
from tests.factories import make_person
from tests.factories.groups import make_group, make_role
from tokens.scopes.coverage import BadScopes

pytestmark = pytest.mark.django_db


def edited(role: Role, by: Identity, **draft: object) -> Role:
    wanted = RoleDraft(role.name, **draft)  # type: ignore[arg-type]
    return actions.edit(by=by, role=role, draft=wanted, revision=role.revision, at=timezone.now())


def test_a_role_within_a_role_counts(ada: Identity, mallory: Identity) -> None:
    inner = make_role("inner", permissions=["audit.view"])
    outer = make_role("outer", contains=[inner])
    assigning.assign(by=ada, identity=mallory, role=outer, at=timezone.now())
    assert Permission.AUDIT_VIEW in mallory.permissions


def test_roles_stand_in_no_circle(ada: Identity) -> None:
    bottom = make_role("bottom")
    middle = make_role("middle", contains=[bottom])
    top = make_role("top", contains=[middle])
    for inner in (top, middle, bottom):
        with pytest.raises(Circle):
            edited(bottom, ada, contains=[inner.pk])
    assert bottom.containments.count() == 0


def test_a_change_is_told_with_both_sides(ada: Identity) -> None:
    role = make_role("itil", scopes=["fr:idm:*"])
    edited(role, ada, scopes=["fr:am:*"], permissions=["audit.view"])
    assert Event.objects.get(action="role.edited").detail == {
        "before": {"scopes": ["fr:idm:*"], "permissions": []},
        "after": {"scopes": ["fr:am:*"], "permissions": ["audit.view"]},
    }


def test_who_was_slower_is_told(ada: Identity) -> None:
    role = make_role()
    edited(role, ada, description="first")
    with pytest.raises(EditConflict):
        edited(role, ada, description="second")


def test_what_does_not_exist_is_refused(ada: Identity) -> None:
    now = timezone.now()
    for draft, error in (
        (RoleDraft("a", permissions=["all.of_it"]), UnknownPermission),
        (RoleDraft("b", scopes=["fr:nothing:*"]), BadScopes),
        (RoleDraft("c", scopes=["fr:idc:federation:*"]), BadScopes),
        (RoleDraft("d", contains=[uuid.uuid4()]), RoleGone),
    ):
        with pytest.raises(error):
            actions.create(by=ada, draft=draft, at=now)
    assert not Role.objects.exists()


def test_names_that_look_alike_are_one(ada: Identity) -> None:
    make_role("itil")
    with pytest.raises(NameTaken):
        actions.create(by=ada, draft=RoleDraft("ITIL"), at=timezone.now())


@pytest.mark.parametrize("permission", sorted(NOT_BY_ROLE))
def test_what_changes_rights_comes_by_no_role(ada: Identity, permission: str) -> None:
    draft = RoleDraft("strong", permissions=[permission])
    with pytest.raises(NotByRole):
        actions.create(by=ada, draft=draft, at=timezone.now())
    role = make_role()
    with pytest.raises(NotByRole):
        edited(role, ada, permissions=[permission])


@pytest.mark.parametrize("level", ["auditor", "role_admin", "role_subadmin", "helpdesk"])
def test_who_does_not_manage_roles_changes_none(level: str, mallory: Identity) -> None:
    by, role, now = make_person("by", levels=[level]), make_role(), timezone.now()
    for act in (
        lambda: actions.create(by=by, draft=RoleDraft("x"), at=now),
        lambda: edited(role, by),
        lambda: actions.delete(by=by, role=role, at=now),
        lambda: assigning.assign(by=by, identity=mallory, role=role, at=now),
        lambda: assigning.take(by=by, identity=mallory, role=role, at=now),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_inherited_role_is_not_taken_off_singly(ada: Identity, mallory: Identity) -> None:
    role, now = make_role(), timezone.now()
    make_group("Operators", roles=[role], members=[mallory])
    with pytest.raises(Inherited):
        assigning.take(by=ada, identity=mallory, role=role, at=now)
    assigning.assign(by=ada, identity=mallory, role=role, at=now)
    assert assigning.take(by=ada, identity=mallory, role=role, at=now)
    assert not assigning.take(by=ada, identity=mallory, role=make_role("other"), at=now)


def test_a_role_for_a_time_ends_and_is_told(ada: Identity, mallory: Identity) -> None:
    role, now = make_role(permissions=["audit.view"]), timezone.now()
    with pytest.raises(EndsInThePast):
        assigning.assign(by=ada, identity=mallory, role=role, until=now, at=now)
    until = now + timedelta(hours=1)
    assigning.assign(by=ada, identity=mallory, role=role, until=until, at=now)
    RoleAssignment.objects.update(until=now)
    mallory.refresh_from_db()
    assert Permission.AUDIT_VIEW not in mallory.permissions

    end_what_ran_out()
    assert not RoleAssignment.objects.exists()
    assert Event.objects.get(action="identity.role_ended").subject_id == str(mallory.pk)


def test_deleting_tells_where_the_role_was(ada: Identity, mallory: Identity) -> None:
    role = make_role()
    make_role("outer", contains=[role])
    make_group("Operators", roles=[role])
    assigning.assign(by=ada, identity=mallory, role=role, at=timezone.now())
    actions.delete(by=ada, role=role, at=timezone.now())

    detail = Event.objects.get(action="role.deleted").detail
    assert (detail["groups"], detail["identities"], detail["contained_in"]) == (
        ["Operators"],
        1,
        ["outer"],
    )
    with pytest.raises(RoleGone):
        actions.delete(by=ada, role=role, at=timezone.now())
