"""A reset starts over with somebody: nothing of what let them in is left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.levels import ADMIN, AUDITOR, HELPDESK
from accounts.authorization.policies import NotAllowed
from accounts.groups.paths import paths_of
from accounts.identities import policies, registration, resetting
from accounts.identities.models import Invitation
from accounts.identities.registration import Registration
from accounts.models import Delegation, Identity, LevelAssignment
from accounts.requests import delegating
from accounts.roles import assigning
from tests.at_once import at_once
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role
from tests.identities.people import BOTH, path_in

ClientOf = Callable[[Identity], Client]


def reset(identity: Identity, by: Identity) -> Invitation | None:
    return resetting.reset(by=by, identity=identity, at=timezone.now())


def test_sessions_password_and_levels_are_gone_and_a_link_is_out(
    client_of: ClientOf, vera: Identity, ada: Identity, mails: Any
) -> None:
    browser = client_of(vera)

    [message] = mails(lambda: reset(vera, ada))

    assert browser.get("/profile/").status_code == 302
    vera.refresh_from_db()
    assert (vera.is_registered, vera.levels) == (False, frozenset())
    assert registration.of(vera, timezone.now()).state == Registration.INVITED
    assert message.subject == "Set up your account: vera"
    event = Event.objects.get(action="identity.reset")
    assert event.detail["before"] == {"levels": ["auditor"]}
    assert Client().post(path_in(message), BOTH).status_code == 302


def test_roles_groups_and_who_decides_for_them_are_gone(ada: Identity, vera: Identity) -> None:
    role, now = make_role(permissions=["audit.view"]), timezone.now()
    assigning.assign(by=SYSTEM, role=role, identity=vera, until=None, at=now)
    make_group(members=[vera])
    delegating.set_delegate(by=vera, delegate=ada, since=now, until=now + timedelta(1), at=now)

    reset(vera, ada)

    assert not paths_of(vera, timezone.now())
    assert not Delegation.objects.exists()
    detail = Event.objects.get(action="identity.reset").detail
    counted = {name: detail[name] for name in ("roles_taken", "groups_left", "delegations_ended")}
    assert set(counted.values()) == {1}


def test_the_page_says_that_roles_go(client_of: ClientOf, ada: Identity, vera: Identity) -> None:
    address = f"/identities/{vera.pk}/reset/"
    said = "Its roles are taken away, and it is taken out of its groups."
    assert said not in client_of(ada).get(address).content.decode()
    make_group(members=[vera], roles=[make_role()])
    assert said in client_of(ada).get(address).content.decode()


def test_keys_of_a_service_account_work_on(ada: Identity) -> None:
    account = make_account("audit01").account

    assert reset(account.identity, ada) is None  # it has no address

    account.refresh_from_db()
    assert account.status_at(timezone.now()).value == "active"


def test_a_link_that_is_out_dies(vera: Identity, ada: Identity, mails: Any) -> None:
    [first] = mails(lambda: reset(vera, ada))
    mails(lambda: reset(vera, ada))

    assert Client().get(path_in(first)).status_code == 404


def test_nobody_resets_themselves_or_the_last_administrator(ada: Identity) -> None:
    with pytest.raises(policies.OwnLevels):
        reset(ada, ada)
    other = make_person("other", levels=[ADMIN])
    reset(ada, other)
    ada.refresh_from_db()
    with pytest.raises(NotAllowed):
        reset(other, ada)


def test_helpdesk_resets_whom_it_could_become_and_nobody_else(
    otto: Identity, ada: Identity, vera: Identity
) -> None:
    help_ = make_person("help", levels=[HELPDESK])

    reset(otto, help_)
    for person in (ada, vera):
        with pytest.raises(policies.AboveOneself):
            reset(person, help_)
    with pytest.raises(NotAllowed):
        reset(help_, vera)


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_reset_each_other_at_once_one_stays(ada: Identity) -> None:
    other = make_person("other", levels=[ADMIN, AUDITOR])

    def attempt(identity: Identity, by: Identity) -> None:
        with suppress(policies.LastAdministrator, NotAllowed):
            reset(identity, by)

    at_once([partial(attempt, ada, other), partial(attempt, other, ada)])

    able = Identity.objects.active().filter(pk__in=(ada.pk, other.pk))
    holding = LevelAssignment.objects.filter(level=ADMIN, identity__in=able)
    assert sum(row.identity.is_registered for row in holding) == 1
