from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.groups import actions
from accounts.groups.actions import (
    Circle,
    EditConflict,
    GroupDraft,
    GroupGone,
    HasChildren,
    NameTaken,
)
from accounts.groups.policies import BadManager
from accounts.models import Event, Group, Identity, Membership
from accounts.roles.actions import RoleGone
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group, make_role

pytestmark = pytest.mark.django_db


def test_a_group_is_told_whole_when_it_is_added(ada: Identity, otto: Identity) -> None:
    role = make_role("itil")
    draft = GroupDraft("ServiceNow Service Accounts", "REST", otto, None, True, [role.pk])
    group = actions.create(by=ada, draft=draft, at=timezone.now())

    event = Event.objects.get(action="group.created")
    assert event.subject_id == str(group.pk)
    assert event.detail["after"] == {
        "name": "ServiceNow Service Accounts",
        "description": "REST",
        "manager": "otto",
        "parent": None,
        "may_be_requested": True,
        "approvers": "manager",
        "roles": ["itil"],
    }


READERS = ["auditor", "role_admin", "role_subadmin", "helpdesk", "source_admin"]


@pytest.mark.parametrize("level", READERS)
def test_who_does_not_manage_groups_changes_none(level: str) -> None:
    by, group, draft = make_person("by", levels=[level]), make_group(), GroupDraft("X")
    with pytest.raises(NotAllowed):
        actions.create(by=by, draft=draft, at=timezone.now())
    with pytest.raises(NotAllowed):
        actions.edit(by=by, group=group, draft=draft, revision=1, at=timezone.now())
    with pytest.raises(NotAllowed):
        actions.delete(by=by, group=group, at=timezone.now())


def test_names_that_look_alike_are_one(ada: Identity) -> None:
    make_group("Operators")
    with pytest.raises(NameTaken):
        actions.create(by=ada, draft=GroupDraft("0perators"), at=timezone.now())


def test_a_manager_is_a_person_who_can_sign_in(ada: Identity) -> None:
    service = make_account().account.identity
    with pytest.raises(BadManager):
        actions.create(by=ada, draft=GroupDraft("X", manager=service), at=timezone.now())


def test_groups_stand_in_no_circle(ada: Identity) -> None:
    top = make_group("Top")
    middle = make_group("Middle", parent=top)
    bottom = make_group("Bottom", parent=middle)
    for parent in (top, middle, bottom):
        draft = GroupDraft("Top", parent=parent)
        with pytest.raises(Circle):
            actions.edit(by=ada, group=top, draft=draft, revision=1, at=timezone.now())
    assert not Group.objects.filter(name="Top", parent__isnull=False).exists()


def test_a_group_with_others_below_it_stays(ada: Identity) -> None:
    top = make_group("Top")
    make_group("Bottom", parent=top)
    with pytest.raises(HasChildren, match="Bottom"):
        actions.delete(by=ada, group=top, at=timezone.now())


def test_deleting_tells_who_belonged_and_takes_the_rights(ada: Identity, mallory: Identity) -> None:
    group = make_group(roles=[make_role(permissions=["audit.view"])])
    join(group, mallory)
    actions.delete(by=ada, group=group, at=timezone.now())

    assert Event.objects.get(action="group.deleted").detail["members"] == ["mallory"]
    assert not Membership.objects.exists()
    mallory.refresh_from_db()
    assert "audit.view" not in mallory.permissions
    with pytest.raises(GroupGone):
        actions.delete(by=ada, group=group, at=timezone.now())


def test_who_was_slower_is_told(ada: Identity) -> None:
    group = make_group()
    actions.edit(by=ada, group=group, draft=GroupDraft("A"), revision=1, at=timezone.now())
    with pytest.raises(EditConflict) as caught:
        actions.edit(by=ada, group=group, draft=GroupDraft("B"), revision=1, at=timezone.now())
    assert caught.value.group.name == "A"


def test_an_edit_of_nothing_is_not_told(ada: Identity) -> None:
    group = make_group("Same")
    actions.edit(by=ada, group=group, draft=GroupDraft("Same"), revision=1, at=timezone.now())
    assert not Event.objects.filter(action="group.edited").exists()


def test_a_role_that_is_gone_is_not_given(ada: Identity) -> None:
    with pytest.raises(RoleGone):
        actions.create(by=ada, draft=GroupDraft("X", roles=[uuid.uuid4()]), at=timezone.now())
