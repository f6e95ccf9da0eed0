"""The workspace roles of the vault's model, cell by cell, each tried on the real pages.

`FACTS` is the table as it is known of that product; where we differ, `OURS` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.test import Client

from accounts.authorization.levels import ADMIN, OWNER, SUPER_ADMIN, USER
from accounts.models import AllAccess, Identity, LevelAssignment, StoredAccount, TenantSetting
from tests.factories import make_account, make_person
from tests.factories.vault import make_item

ClientOf = Callable[[Identity], Client]
LEVELS: Final = (USER, ADMIN, SUPER_ADMIN, OWNER)

FACTS: Final[Mapping[str, tuple[bool, bool, bool, bool]]] = {
    "set up SSO and provisioning": (False, False, False, True),
    "see how they are set up": (False, True, True, True),
    "change workspace configuration": (False, True, True, True),
    "see all events": (False, True, True, True),
    "assign workspace roles": (False, True, True, True),
    "see all members": (True, True, True, True),
    "create teams": (True, True, True, True),
    "see all teams": (False, True, True, True),
    "add an account": (True, True, True, True),
    "share an item they own": (True, True, True, True),
    "vaults": (False, True, True, True),
    "all-access mode": (False, False, True, True),
    "reassign an owner": (False, False, True, True),
    "see all automation": (False, False, False, True),
    "hand the workspace over": (False, False, False, True),
}
"""A row and what User, Admin, Super Admin and Owner may."""

MANY_ADMINISTRATORS: Final = "a tenant has several administrators, who set up what it depends on"
OURS: Final[Mapping[tuple[str, str], str]] = {
    ("set up SSO and provisioning", ADMIN): MANY_ADMINISTRATORS,
    ("set up SSO and provisioning", SUPER_ADMIN): MANY_ADMINISTRATORS,
    ("see all automation", ADMIN): "whoever mends a job has to see it",
    ("see all automation", SUPER_ADMIN): "whoever mends a job has to see it",
    ("see all members", USER): "whom one means has to be known: people are listed to few",
    ("create teams", USER): "groups carry rights, so administrators add them",
}
"""Cells in which we say the opposite, and why."""


@dataclass(frozen=True)
class Stage:
    browser: Client
    person: Identity
    other: Identity
    own: StoredAccount
    foreign: StoredAccount

    def gets(self, path: str) -> bool:
        return bool(self.browser.get(path).status_code == 200)

    def posts(self, path: str, **values: Any) -> None:
        assert self.browser.post(path, values).status_code in {200, 302, 403, 404}


def sees_all_events(stage: Stage) -> bool:
    return stage.gets("/audit/")


def changes_settings(stage: Stage) -> bool:
    before = TenantSetting.objects.count()
    stage.posts("/tenant-settings/time-zone/", time_zone="Europe/Berlin")
    return TenantSetting.objects.count() > before


def gives_a_level(stage: Stage) -> bool:
    stage.posts(f"/identities/{stage.other.pk}/levels/", levels=["auditor"])
    return LevelAssignment.objects.filter(identity=stage.other, level="auditor").exists()


def adds_an_account(stage: Stage) -> bool:
    draft = {"kind": "individual", "label": "Made here", "application": "Slack", "username": "x"}
    stage.posts("/vault/accounts/new/?kind=individual", **draft)
    return StoredAccount.objects.filter(label="Made here").exists()


def shares_their_own(stage: Stage) -> bool:
    path = f"/vault/accounts/{stage.own.pk}/share/"
    stage.posts(path, person=stage.other.user_name, role="collaborator")
    return stage.own.shares.filter(identity=stage.other).exists()


def turns_it_on(stage: Stage) -> bool:
    stage.posts("/vault/all-access/", reason="Somebody is ill", lasting="15")
    return AllAccess.objects.filter(person=stage.person, ended_at=None).exists()


def reassigns(stage: Stage) -> bool:
    turns_it_on(stage)
    path = f"/vault/accounts/{stage.foreign.pk}/give-owner/"
    stage.posts(path, person="heir")
    return stage.foreign.shares.filter(identity__user_name="heir", role="owner").exists()


def hands_over(stage: Stage) -> bool:
    stage.posts("/tenant-settings/owner/hand-over/", to="heir", name="heir")
    return LevelAssignment.objects.filter(level=OWNER, identity__user_name="heir").exists()


def shows(path: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.gets(path)


TRIED: Final[Mapping[str, Callable[[Stage], bool]]] = {
    "set up SSO and provisioning": shows("/tenant-settings/provisioning/new/"),
    "see how they are set up": shows("/tenant-settings/provisioning/"),
    "change workspace configuration": changes_settings,
    "see all events": sees_all_events,
    "assign workspace roles": gives_a_level,
    "see all members": shows("/identities/"),
    "create teams": shows("/groups/new/"),
    "see all teams": shows("/roles/"),
    "add an account": adds_an_account,
    "share an item they own": shares_their_own,
    "vaults": shows("/vault/vaults/"),
    "all-access mode": turns_it_on,
    "reassign an owner": reassigns,
    "see all automation": shows("/jobs/"),
    "hand the workspace over": hands_over,
}


@pytest.fixture
def stage_of(client_of: ClientOf, db: None) -> Callable[[str], Stage]:
    def made(level: str) -> Stage:
        person = make_person("person", levels=[] if level == USER else [level])
        other, heir = make_person("other"), make_person("heir")
        make_account("theirs", owner=person)
        own, foreign = make_item(person, label="Own"), make_item(other, label="Foreign")
        assert heir.is_active
        return Stage(client_of(person), person, other, own, foreign)

    return made


def test_every_row_is_tried_and_every_difference_is_one() -> None:
    assert FACTS.keys() == TRIED.keys()
    assert all(row in FACTS and level in LEVELS for row, level in OURS)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("row", FACTS)
def test_each_cell(stage_of: Callable[[str], Stage], row: str, level: str) -> None:
    known = FACTS[row][LEVELS.index(level)]
    expected = known is not ((row, level) in OURS)

    assert TRIED[row](stage_of(level)) is expected
