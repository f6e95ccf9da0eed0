"""Groups that stored accounts are shared with: who fills them, and how they go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from accounts.groups import actions as groups
from accounts.groups import memberships
from accounts.models import Event, Group, Identity, Membership, Share, StoredAccount
from accounts.requests import queries
from accounts.vault import of_groups, sharing
from accounts.vault.models import ShareRole
from tests.doors.scim.caller import Caller, make_client, replace
from tests.factories import make_person
from tests.factories.groups import make_group, make_role
from tests.factories.requests import ask_for_group
from tests.factories.vault import make_item, share


@pytest.fixture
def scim(db: None) -> Caller:
    return Caller(make_client("Directory"))


@pytest.fixture
def marketing(otto: Identity) -> Group:
    """Owns "Ads manager" together with Otto."""
    group = make_group("Marketing", members=[make_person("pia")])
    share(make_item(otto), group, ShareRole.OWNER)
    return group


def test_a_directory_adds_nobody_to_a_group_that_shares_stored_accounts(
    scim: Caller, marketing: Group, mallory: Identity
) -> None:
    add = {"op": "add", "path": "members", "value": [{"value": str(mallory.pk)}]}

    assert scim.patch(f"/Groups/{marketing.pk}", add).status_code == 403
    assert not Membership.objects.filter(identity=mallory).exists()


def test_a_directory_takes_people_out_of_it(scim: Caller, marketing: Group) -> None:
    pia = Identity.objects.get(user_name="pia")
    gone = {"op": "remove", "path": f'members[value eq "{pia.pk}"]'}

    assert scim.patch(f"/Groups/{marketing.pk}", gone).status_code < 300
    assert not Membership.objects.filter(group=marketing).exists()


@pytest.mark.parametrize("how", ["rename", "delete"])
def test_a_directory_neither_renames_nor_deletes_it(
    scim: Caller, marketing: Group, how: str
) -> None:
    path = f"/Groups/{marketing.pk}"
    if how == "delete":
        answer = scim.send("DELETE", path)
    else:
        answer = scim.patch(path, replace("displayName", "Others"))

    assert answer.status_code == 403, answer.content
    assert Share.objects.get(group=marketing).group == Group.objects.get(name="Marketing")


def test_a_directory_adds_nobody_to_a_group_that_gives_scopes(
    scim: Caller, mallory: Identity
) -> None:
    group = make_group("Operators", roles=[make_role("ops", scopes=["fr:am:*"])])
    add = {"op": "add", "path": "members", "value": [{"value": str(mallory.pk)}]}

    assert scim.patch(f"/Groups/{group.pk}", add).status_code == 403
    assert not Membership.objects.filter(identity=mallory).exists()


def test_an_administrator_and_its_manager_fill_it(
    ada: Identity, marketing: Group, mallory: Identity
) -> None:
    robin, other = make_person("robin", levels=["role_admin"]), make_person("other")
    memberships.add(by=ada, group=marketing, identity=mallory, at=timezone.now())
    Group.objects.filter(pk=marketing.pk).update(manager=robin)
    memberships.add(by=robin, group=marketing, identity=other, at=timezone.now())

    assert Membership.objects.filter(group=marketing).count() == 3


def test_a_group_that_goes_leaves_an_event_for_each_share(
    ada: Identity, otto: Identity, marketing: Group
) -> None:
    with pytest.raises(ProtectedError), transaction.atomic():
        marketing.delete()
    groups.delete(by=ada, group=marketing, at=timezone.now())

    item = StoredAccount.objects.get()
    assert [held.identity for held in item.shares.all()] == [otto]
    event = Event.objects.get(action="stored_account.unshared")
    assert (event.subject_id, event.actor_id) == (str(item.pk), str(ada.pk))
    assert event.detail["before"]["with"] == "Marketing"


def test_a_group_that_alone_owns_a_stored_account_stays(
    ada: Identity, otto: Identity, marketing: Group
) -> None:
    item = StoredAccount.objects.get()
    own = item.shares.get(identity=otto)
    sharing.unshare(by=otto, item=item, share=own, at=timezone.now())

    with pytest.raises(of_groups.OnlyOwner, match="Ads manager"):
        groups.delete(by=ada, group=marketing, at=timezone.now())
    assert Share.objects.filter(group=marketing).exists()
    Membership.objects.filter(group=marketing).delete()  # it is without an owner already
    groups.delete(by=ada, group=marketing, at=timezone.now())
    assert not Group.objects.filter(pk=marketing.pk).exists()


def test_who_deletes_a_group_is_told_of_what_it_shares(
    client_of: Callable[[Identity], Client], ada: Identity, marketing: Group
) -> None:
    page = client_of(ada).get(f"/groups/{marketing.pk}/delete/").content.decode()
    assert "1 stored account is shared with its members no more." in page


def test_who_decides_about_a_membership_is_told_of_what_it_shares(
    mallory: Identity, marketing: Group
) -> None:
    manager = make_person("boss")
    Identity.objects.filter(pk=mallory.pk).update(manager=manager)
    Group.objects.filter(pk=marketing.pk).update(may_be_requested=True)
    request = ask_for_group(Identity.objects.get(pk=mallory.pk), marketing)

    lines, _digest = queries.seen(request)
    said = {str(line.label): line.value for line in lines}
    assert said["Stored accounts that it shares"] == "Owner: 1"
