"""User levels that are set by a program while somebody gives others."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import granting
from accounts.identities.locking import lock
from accounts.models import Identity
from tests.at_once import at_once
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_person
from tests.oauth.program import Answer, Program
from tokens.doors.sailpoint import auth_users, identities

AUDITOR = "auditor"
"""The vendor has no name for it."""


def give(person: Identity, level: str) -> None:
    """One level more, whatever they hold by now."""
    with transaction.atomic():
        wanted = [*lock(person).levels, level]
        granting.set_levels(by=SYSTEM, identity=person, levels=wanted, at=timezone.now())


def patch(caller: Caller, person: Identity, *capabilities: str) -> Answer:
    change = [{"op": "replace", "path": "/capabilities", "value": list(capabilities)}]
    return caller.send("PATCH", f"/auth-users/v1/{person.pk}", change)


def held(person: Identity) -> set[str]:
    return set(Identity.objects.get(pk=person.pk).levels)


@pytest.mark.django_db
def test_a_level_given_after_the_identity_was_found_is_kept(
    ada: Identity, otto: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_then_lose_the_race(*args: Any) -> Identity:
        found = identities.find(*args)
        assert found.levels == frozenset()
        give(otto, AUDITOR)
        return found

    monkeypatch.setattr(auth_users, "find", find_then_lose_the_race)
    answer = patch(Caller(ada), otto, "HELPDESK")
    assert answer.json()["capabilities"] == ["HELPDESK"]
    assert held(otto) == {AUDITOR, "helpdesk"}


@pytest.mark.django_db(transaction=True)
def test_of_levels_given_at_once_none_is_lost() -> None:
    caller = Caller(make_person("ada", levels=["admin"]), program=Program(own_connection=True))
    caller.token()
    people = [make_person(f"p{n}") for n in range(5)]
    for person in people:
        by_program, by_hand = at_once(
            [lambda p=person: patch(caller, p, "HELPDESK"), lambda p=person: give(p, AUDITOR)]  # type: ignore[misc]
        )
        assert by_hand is None
        assert isinstance(by_program, Answer)
        assert by_program.status_code == 200, by_program.content
    # whichever came first: the program takes only what it has a name for
    assert [held(person) for person in people] == [{AUDITOR, "helpdesk"}] * 5
