from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.groups import memberships
from accounts.groups.actions import GroupGone
from accounts.groups.upkeep import end_what_ran_out
from accounts.identities import actions as identities
from accounts.identities.locking import IdentityGone
from accounts.identities.policies import AboveOneself, OwnLevels
from accounts.models import Event, Group, Identity, Membership
from accounts.roles.assigning import EndsInThePast
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group, make_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(db: None) -> Identity:
    """Changes the members of the groups that he manages, and is no administrator."""
    return make_person("robin", levels=["role_admin"])


def test_a_member_has_what_the_group_and_those_above_it_carry(mallory: Identity) -> None:
    above = make_group("All programs", roles=[make_role("reader", permissions=["group.view"])])
    below = make_group(
        "Exports", parent=above, roles=[make_role("auditing", permissions=["audit.view"])]
    )
    join(below, mallory)

    mallory.refresh_from_db()
    assert {Permission.GROUP_VIEW, Permission.AUDIT_VIEW} <= mallory.permissions


def test_a_disabled_member_may_nothing(ada: Identity, mallory: Identity) -> None:
    make_group(roles=[make_role(permissions=["audit.view"])], members=[mallory])
    identities.disable(by=ada, identity=mallory, at=timezone.now())

    mallory.refresh_from_db()
    assert mallory.permissions == frozenset()


def test_a_membership_gives_nothing_from_its_end_on(mallory: Identity) -> None:
    group = make_group(roles=[make_role(permissions=["audit.view"])])
    join(group, mallory, until=timezone.now() + timedelta(hours=1))
    assert Permission.AUDIT_VIEW in mallory.permissions

    Membership.objects.update(until=timezone.now())
    mallory.refresh_from_db()
    assert Permission.AUDIT_VIEW not in mallory.permissions


def test_who_belonged_to_a_group_sees_it_no_more_from_the_end_on(
    mallory: Identity, otto: Identity
) -> None:
    group = make_group()
    join(group, mallory, until=timezone.now() + timedelta(hours=1))
    account = make_account("loader", owner=otto).account.identity
    join(group, account, until=timezone.now() + timedelta(hours=1))
    for person in (mallory, otto):
        assert list(Group.objects.visible_to(person)) == [group]
    Membership.objects.update(until=timezone.now())
    for person in (mallory, otto):
        assert not Group.objects.visible_to(person).exists()


def test_what_ran_out_is_removed_and_told_of_group_and_member(mallory: Identity) -> None:
    group = make_group()
    join(group, mallory, until=timezone.now() + timedelta(hours=1))
    end_what_ran_out()
    assert Membership.objects.count() == 1

    Membership.objects.update(until=timezone.now())
    end_what_ran_out()
    assert not Membership.objects.exists()
    ended = Event.objects.filter(action__endswith=".membership_ended")
    assert {event.subject_id for event in ended} == {str(group.pk), str(mallory.pk)}
    assert {event.actor_kind for event in ended} == {"system"}


def test_joining_twice_is_told_once_and_another_end_is_a_change(
    ada: Identity, mallory: Identity
) -> None:
    group, now = make_group(), timezone.now()
    for until in (None, None, now + timedelta(days=1)):
        memberships.add(by=ada, group=group, identity=mallory, until=until, at=now)

    told = Event.objects.filter(subject_id=str(group.pk)).exclude(action="group.created")
    assert sorted(told.values_list("action", flat=True)) == [
        "group.member_added",
        "group.membership_changed",
    ]
    assert memberships.remove(by=ada, group=group, identity=mallory, at=now)
    assert not memberships.remove(by=ada, group=group, identity=mallory, at=now)


def test_the_end_lies_ahead(ada: Identity, mallory: Identity) -> None:
    now = timezone.now()
    with pytest.raises(EndsInThePast):
        memberships.add(by=ada, group=make_group(), identity=mallory, until=now, at=now)
    assert not Membership.objects.exists()


def test_only_who_manages_groups_or_this_group_changes_members(
    vera: Identity, otto: Identity, mallory: Identity
) -> None:
    sub = make_person("sub", levels=["role_subadmin"])
    mine, other = make_group("Mine", manager=sub), make_group("Other", manager=otto)
    memberships.add(by=sub, group=mine, identity=mallory, at=timezone.now())
    for by, group in ((sub, other), (otto, other), (vera, mine), (mallory, mine)):
        with pytest.raises(NotAllowed):
            memberships.add(by=by, group=group, identity=vera, at=timezone.now())
        with pytest.raises(NotAllowed):
            memberships.remove(by=by, group=group, identity=mallory, at=timezone.now())


def test_nobody_joins_by_their_own_hand_nor_lets_their_account_join(robin: Identity) -> None:
    group = make_group(roles=[make_role(scopes=["fr:am:*"])], manager=robin)
    theirs = make_account("theirs", owner=robin).account.identity
    for identity in (robin, theirs):
        with pytest.raises(OwnLevels):
            memberships.add(by=robin, group=group, identity=identity, at=timezone.now())


def test_nobody_gives_by_a_group_what_they_may_not_do(robin: Identity, mallory: Identity) -> None:
    group = make_group(roles=[make_role(permissions=["audit.view"])], manager=robin)
    with pytest.raises(AboveOneself):
        memberships.add(by=robin, group=group, identity=mallory, at=timezone.now())


def test_nobody_takes_out_who_may_do_more(robin: Identity, ada: Identity) -> None:
    group = make_group(members=[ada], manager=robin)
    with pytest.raises(AboveOneself):
        memberships.remove(by=robin, group=group, identity=ada, at=timezone.now())
    soon = timezone.now() + timedelta(minutes=1)
    with pytest.raises(AboveOneself):
        memberships.add(by=robin, group=group, identity=ada, until=soon, at=timezone.now())


def test_who_has_much_by_a_role_is_out_of_reach_of_who_has_less(mallory: Identity) -> None:
    helen = make_person("helen", levels=["helpdesk"])
    make_group(roles=[make_role(permissions=["identity.manage"])], members=[mallory])
    with pytest.raises(AboveOneself):
        identities.disable(by=helen, identity=mallory, at=timezone.now())


def test_what_is_gone_is_said_to_be(ada: Identity, mallory: Identity) -> None:
    group, gone = make_group(), make_group("Gone")
    gone_id = gone.pk
    gone.delete()
    gone.pk = gone_id
    with pytest.raises(GroupGone):
        memberships.add(by=ada, group=gone, identity=mallory, at=timezone.now())
    identities.delete(by=ada, identity=mallory, at=timezone.now())
    with pytest.raises(IdentityGone):
        memberships.add(by=ada, group=group, identity=mallory, at=timezone.now())


def test_a_deleted_identity_belongs_nowhere(ada: Identity, mallory: Identity) -> None:
    join(make_group(roles=[make_role(permissions=["audit.view"])]), mallory)
    identities.delete(by=ada, identity=mallory, at=timezone.now())
    assert not Membership.objects.exists()


def test_who_reaches_less_than_a_group_gives_is_told_who_can(
    robin: Identity, mallory: Identity
) -> None:
    strong = make_role("strong", permissions=["source.manage_all"])
    group = make_group("Strong", roles=[strong], manager=robin)
    with pytest.raises(AboveOneself, match=r"An administrator changes its members\.$"):
        memberships.add(by=robin, group=group, identity=mallory, until=None, at=timezone.now())
    Group.objects.update(may_be_requested=True)
    group.refresh_from_db()
    with pytest.raises(AboveOneself, match="may also ask: Requests > New Request"):
        memberships.add(by=robin, group=group, identity=mallory, until=None, at=timezone.now())


def test_the_pages_of_a_group_say_why_its_manager_adds_nobody(
    client_of: Callable[[Identity], Client], robin: Identity
) -> None:
    strong = make_role("strong", permissions=["source.manage_all"])
    above, own = (
        make_group("Strong", roles=[strong], manager=robin),
        make_group("Weak", manager=robin),
    )
    browser = client_of(robin)
    for tab in ("", "members/"):
        seen = browser.get(f"/groups/{above.pk}/{tab}").content.decode()
        assert "You add nobody to this group" in seen
        assert "Add Member" not in seen
        seen = browser.get(f"/groups/{own.pk}/{tab}").content.decode()
        assert "You add nobody to this group" not in seen
        assert "Add Member" in seen
