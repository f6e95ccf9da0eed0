"""The table of user levels: what each carries, and that nothing falls beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM, UnknownActor
from accounts.authorization.levels import (
    ADMIN,
    ADMINISTRATORS,
    AUDITOR,
    FORBIDDEN_PAIRS,
    LEVELS,
    USER,
    permissions_of,
)
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import IN_WORDS, SUBJECTS, Permission
from accounts.authorization.policies import NotAllowed, check_may, may
from accounts.identities import actions, granting
from accounts.models import Identity

BASIC = {
    *("console.open", "service_account.view", "key.claim", "token.own", "request.own"),
    "vault.own",
}
SEARCH = BASIC | {"service_account.view_all", "identity.view"}
LISTS = SEARCH | {"service_account.export", "identity.export", "job.view"}
OWN_SOURCES = {"source.view", "source.manage", "job.view"}
TABLE = {
    "owner": {str(permission) for permission in Permission},
    "super_admin": {str(permission) for permission in Permission} - {"tenant.own"},
    "admin": {str(p) for p in Permission} - {"tenant.own", "vault.all_access"},
    "auditor": LISTS
    | {"audit.view", "audit.export", "tenant.view", "source.view", "source.view_all"}
    | {"profile.view", "job.view_all", "token.view_all", "group.view"}
    | {"request.view_all", "vault.view_all"},
    "helpdesk": SEARCH
    | {"identity.invite", "identity.reset", "identity.disable", "job.view"}
    | {"source.look_up", "profile.process"},
    "cert_admin": LISTS,
    "report_admin": LISTS | {"audit.view", "audit.export"},
    "role_admin": LISTS | {"group.view", "group.manage_own"},
    "role_subadmin": SEARCH | {"source.look_up", "job.view", "group.view", "group.manage_own"},
    "source_admin": LISTS | OWN_SOURCES | {"source.view_all", "source.manage_all"},
    "source_subadmin": SEARCH | OWN_SOURCES,
    "user": BASIC,
}
ONLY_ADMINISTRATORS = {
    "service_account.manage",
    "identity.manage",
    "level.grant",
    "source.empty",
    "profile.manage",
    "job.manage",
    "outbox.view",
    "tenant.manage",
    "token.revoke_all",
    "scope.give_restricted",
    "request.decide",
    "group.manage",
    "group.provision",
    "role.manage",
    "api_explorer.use",
    "vault.manage",
}


def test_the_table() -> None:
    carried = {code: {str(p) for p in level.permissions} for code, level in LEVELS.items()}

    assert carried == TABLE


def test_what_only_administrators_may() -> None:
    others = [level.permissions for code, level in LEVELS.items() if code not in ADMINISTRATORS]

    assert LEVELS[ADMIN].permissions - frozenset().union(*others) == ONLY_ADMINISTRATORS


def test_the_names_that_sailpoint_has_for_them() -> None:
    assert {code: level.capability for code, level in LEVELS.items() if level.capability} == {
        "owner": "ORG_ADMIN",
        "super_admin": "ORG_ADMIN",
        "admin": "ORG_ADMIN",
        "helpdesk": "HELPDESK",
        "cert_admin": "CERT_ADMIN",
        "report_admin": "REPORT_ADMIN",
        "role_admin": "ROLE_ADMIN",
        "role_subadmin": "ROLE_SUBADMIN",
        "source_admin": "SOURCE_ADMIN",
        "source_subadmin": "SOURCE_SUBADMIN",
    }


def test_the_pairs_that_are_not_for_one_holder() -> None:
    assert {tuple(sorted(pair.codes)) for pair in FORBIDDEN_PAIRS} == {
        ("role_admin", "role_subadmin"),
        ("role_admin", "source_subadmin"),
        ("role_subadmin", "source_admin"),
        ("source_admin", "source_subadmin"),
    }


def test_every_permission_is_somewhere_and_has_words() -> None:
    assert set().union(*TABLE.values()) == set(map(str, Permission))
    assert {permission.subject for permission in Permission} == set(SUBJECTS)
    assert set(IN_WORDS) == set(Permission)
    assert all(str(words).strip() for words in IN_WORDS.values())


@pytest.mark.parametrize("code", LEVELS)
def test_each_level_says_what_it_is(code: str) -> None:
    assert str(LEVELS[code].label)
    assert str(LEVELS[code].description).endswith(".")


def test_levels_add_up() -> None:
    assert permissions_of([]) == LEVELS[USER].permissions
    assert permissions_of([AUDITOR, ADMIN]) == LEVELS[ADMIN].permissions


def test_a_level_that_is_not_in_the_table_carries_nothing() -> None:
    assert permissions_of(["superuser", "", "ADMIN"]) == LEVELS[USER].permissions


def test_the_basic_level_is_not_stored(ada: Identity, otto: Identity) -> None:
    actions.set_levels(by=ada, identity=otto, levels=[USER], at=timezone.now())

    assert not LevelAssignment.objects.filter(identity=otto).exists()


def test_an_unknown_level_cannot_be_given(ada: Identity, otto: Identity) -> None:
    with pytest.raises(granting.UnknownLevel):
        actions.set_levels(by=ada, identity=otto, levels=["superuser"], at=timezone.now())


def test_who_is_disabled_may_nothing(ada: Identity, otto: Identity) -> None:
    actions.disable(by=ada, identity=otto, at=timezone.now())
    otto.refresh_from_db()

    assert otto.permissions == frozenset()
    assert not may(otto, Permission.CONSOLE_OPEN)


def test_the_system_may_everything_and_a_stranger_nothing() -> None:
    assert all(may(SYSTEM, permission) for permission in Permission)
    assert not any(may(UnknownActor(), permission) for permission in Permission)
    with pytest.raises(NotAllowed):
        check_may(UnknownActor(label="System"), Permission.CONSOLE_OPEN)


def test_a_change_of_levels_holds_from_the_next_request(
    client_of: Callable[[Identity], Client], ada: Identity, otto: Identity
) -> None:
    browser = client_of(otto)
    assert browser.get("/identities/").status_code == 403

    actions.set_levels(by=ada, identity=otto, levels=[AUDITOR], at=timezone.now())
    assert browser.get("/identities/").status_code == 200
    actions.set_levels(by=ada, identity=otto, levels=[], at=timezone.now())
    assert browser.get("/identities/").status_code == 403


@pytest.mark.parametrize("who", ["otto", "vera"])
def test_only_an_administrator_sets_levels(
    request: pytest.FixtureRequest, otto: Identity, vera: Identity, who: str
) -> None:
    person: Identity = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        actions.set_levels(by=person, identity=otto, levels=[ADMIN], at=timezone.now())
    assert not LevelAssignment.objects.filter(identity=otto).exists()
