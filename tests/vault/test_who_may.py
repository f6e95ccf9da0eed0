"""Who may know of a stored account, change it, and have its password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.models import Event, Identity, StoredAccount
from accounts.vault import actions, policies, queries, sharing
from accounts.vault.models import ShareRole
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group
from tests.factories.vault import PASSWORD, draft, make_item, share


def seen_by(person: Identity) -> set[str]:
    return set(StoredAccount.objects.visible_to(person).values_list("label", flat=True))


def reveal(by: Identity, item: StoredAccount) -> str:
    return actions.reveal(by=by, item=item, at=timezone.now()).take()


def test_who_adds_it_owns_it_and_has_its_password(otto: Identity) -> None:
    item = make_item(otto)

    assert reveal(otto, item) == PASSWORD
    event = Event.objects.get(action="stored_account.password_revealed")
    assert (event.actor_id, event.subject_id) == (str(otto.pk), str(item.pk))


def test_a_collaborator_sees_it_and_not_its_password(otto: Identity, mallory: Identity) -> None:
    item = make_item(otto)
    share(item, mallory)

    assert seen_by(mallory) == {"Ads manager"}
    with pytest.raises(NotAllowed):
        reveal(mallory, item)
    with pytest.raises(NotAllowed):
        actions.edit(by=mallory, item=item, draft=draft(), revision=1, at=timezone.now())
    with pytest.raises(NotAllowed):
        sharing.share(
            by=mallory,
            item=item,
            holder=mallory,
            role=ShareRole.OWNER,
            at=timezone.now(),
        )


def test_nobody_else_knows_of_it(otto: Identity, mallory: Identity) -> None:
    item = make_item(otto)

    assert seen_by(mallory) == set()
    with pytest.raises(NotAllowed):
        reveal(mallory, item)


@pytest.mark.parametrize("who", ["ada", "vera"])
def test_reviewers_know_of_it_and_have_no_password(
    request: pytest.FixtureRequest, otto: Identity, who: str
) -> None:
    reviewer, item = request.getfixturevalue(who), make_item(otto)

    assert seen_by(reviewer) == {"Ads manager"}
    with pytest.raises(NotAllowed):
        reveal(reviewer, item)
    with pytest.raises(NotAllowed):
        actions.set_password(by=reviewer, item=item, password="mine", at=timezone.now())


def test_a_member_of_an_owning_group_is_an_owner_while_they_belong_to_it(
    otto: Identity, mallory: Identity
) -> None:
    item, group = make_item(otto), make_group("Marketing")
    share(item, group, ShareRole.OWNER)
    assert seen_by(mallory) == set()

    join(group, mallory, until=timezone.now() + timedelta(hours=1))
    assert reveal(mallory, item) == PASSWORD
    later = timezone.now() + timedelta(hours=2)
    assert policies.role_of(mallory, item, later) is None


def test_a_share_that_has_run_out_gives_nothing(otto: Identity, mallory: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    until = now + timedelta(hours=1)
    role = ShareRole.COLLABORATOR
    sharing.share(by=otto, item=item, holder=mallory, role=role, until=until, at=now)

    assert policies.role_of(mallory, item, now) == ShareRole.COLLABORATOR
    assert policies.role_of(mallory, item, until) is None
    assert sharing.end_expired(at=until) == 1
    assert Event.objects.filter(action="stored_account.share_ended").exists()


def test_a_service_account_has_no_part_whatever_its_levels(ada: Identity, otto: Identity) -> None:
    machine = make_account("machine", owner=otto).account.identity
    item, group = make_item(otto), make_group("Machines", members=[machine])
    share(item, group, ShareRole.OWNER)
    identities.set_levels(by=ada, identity=machine, levels=["admin"], at=timezone.now())
    machine = Identity.objects.get(pk=machine.pk)

    assert seen_by(machine) == set()
    with pytest.raises(NotAllowed):
        reveal(machine, item)
    with pytest.raises(NotAllowed):
        actions.add(by=machine, draft=draft(), password="x", at=timezone.now())
    with pytest.raises(sharing.NotAPerson):
        share(item, machine)


def test_a_service_account_that_administers_still_reaches_people(
    ada: Identity, otto: Identity
) -> None:
    machine = make_account("machine", owner=otto).account.identity
    identities.set_levels(by=ada, identity=machine, levels=["admin"], at=timezone.now())
    machine = Identity.objects.get(pk=machine.pk)

    identities.disable(by=machine, identity=otto, at=timezone.now())
    otto.refresh_from_db()
    assert not otto.is_active


def test_who_is_disabled_has_nothing(ada: Identity, otto: Identity) -> None:
    item = make_item(otto)
    identities.disable(by=ada, identity=otto, at=timezone.now())
    gone = Identity.objects.get(pk=otto.pk)

    assert seen_by(gone) == set()
    with pytest.raises(NotAllowed):
        reveal(gone, item)


def test_of_a_deleted_one_only_owners_know(otto: Identity, mallory: Identity) -> None:
    item = make_item(otto)
    share(item, mallory)
    actions.delete(by=otto, item=item, at=timezone.now())

    assert (seen_by(otto), seen_by(mallory)) == ({"Ads manager"}, set())
    with pytest.raises(actions.ItemGone):
        reveal(otto, item)
    actions.restore(by=otto, item=item, at=timezone.now())
    assert reveal(otto, item) == PASSWORD
    assert seen_by(mallory) == {"Ads manager"}


def test_one_owner_who_can_sign_in_stays(otto: Identity, mallory: Identity) -> None:
    item, empty = make_item(otto), make_group("Nobody")
    own = item.shares.get()
    share(item, empty, ShareRole.OWNER)

    with pytest.raises(sharing.LastOwner):
        sharing.unshare(by=otto, item=item, share=own, at=timezone.now())
    with pytest.raises(sharing.LastOwner):
        share(item, otto, ShareRole.COLLABORATOR)
    share(item, mallory, ShareRole.OWNER)
    assert sharing.unshare(by=otto, item=item, share=own, at=timezone.now())
    assert seen_by(otto) == set()


def test_an_orphan_gets_an_owner_from_an_administrator(ada: Identity, otto: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    heir = make_person("heir")
    with pytest.raises(sharing.HasOwner):
        sharing.give_owner(by=ada, item=item, owner=heir, at=now)

    identities.disable(by=ada, identity=otto, at=now)
    assert list(StoredAccount.objects.orphaned(now)) == [item]
    with pytest.raises(NotAllowed):
        sharing.give_owner(by=heir, item=item, owner=heir, at=now)
    sharing.give_owner(by=ada, item=item, owner=heir, at=now)
    assert not StoredAccount.objects.orphaned(now).exists()
    assert reveal(heir, item) == PASSWORD


def test_who_owns_it_until_tomorrow_makes_no_owner_and_ousts_none(
    otto: Identity, mallory: Identity
) -> None:
    item, friend, now = make_item(otto), make_person("friend"), timezone.now()
    tomorrow, owner = now + timedelta(days=1), ShareRole.OWNER
    sharing.share(by=otto, item=item, holder=mallory, role=owner, until=tomorrow, at=now)

    wishes: list[tuple[Identity, ShareRole, timedelta | None]] = [
        (mallory, ShareRole.OWNER, None),
        (friend, ShareRole.OWNER, timedelta(hours=1)),
        (friend, ShareRole.COLLABORATOR, None),
        (friend, ShareRole.COLLABORATOR, timedelta(days=2)),
    ]
    for holder, role, length in wishes:
        until = now + length if length else None
        with pytest.raises(sharing.OwnsForAWhile):
            sharing.share(by=mallory, item=item, holder=holder, role=role, until=until, at=now)
    share(item, friend, ShareRole.OWNER)
    theirs, less = item.shares.get(identity=otto), ShareRole.COLLABORATOR
    with pytest.raises(sharing.OwnsForAWhile):
        sharing.unshare(by=mallory, item=item, share=theirs, at=now)
    with pytest.raises(sharing.OwnsForAWhile):
        sharing.share(by=mallory, item=item, holder=otto, role=less, until=tomorrow, at=now)

    other, short = make_person("other"), now + timedelta(hours=1)
    given = sharing.share(by=mallory, item=item, holder=other, role=less, until=short, at=now)
    assert given.until == short


def test_an_end_of_a_membership_is_an_end_of_ownership(otto: Identity, mallory: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    group, until = make_group("Marketing"), now + timedelta(hours=1)
    share(item, group, ShareRole.OWNER)
    join(group, mallory, until=until)
    assert policies.owned_until(mallory, item, now) == until

    role = ShareRole.OWNER
    with pytest.raises(sharing.OwnsForAWhile):
        sharing.share(by=mallory, item=item, holder=mallory, role=role, at=now)
    assert policies.owned_until(otto, item, now) is None


def test_who_has_a_part_can_give_it_up_and_nobody_elses(otto: Identity, mallory: Identity) -> None:
    item, other = make_item(otto), make_person("other")
    own, theirs = share(item, mallory), share(item, other)

    with pytest.raises(NotAllowed):
        sharing.unshare(by=mallory, item=item, share=theirs, at=timezone.now())
    assert sharing.unshare(by=mallory, item=item, share=own, at=timezone.now())
    assert not sharing.unshare(by=otto, item=item, share=own, at=timezone.now())


def test_the_owner_who_decides_is_never_who_asks(otto: Identity, mallory: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    assert queries.deciding_owner(item, but={mallory.pk}, now=now) == otto
    assert queries.deciding_owner(item, but={otto.pk}, now=now) is None
    group = make_group("Owners", members=[mallory], manager=mallory)
    share(item, group, ShareRole.OWNER)
    assert queries.deciding_owner(item, but={otto.pk}, now=now) == mallory
