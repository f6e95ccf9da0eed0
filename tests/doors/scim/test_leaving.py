"""Somebody who leaves is stopped, whatever values were stored of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions
from accounts.models import Event, Identity
from accounts.profiles.models import ProfileKind
from tests.doors.scim.caller import ENTERPRISE, Caller, replace, told
from tests.factories import make_person, profiles
from tests.factories.imports import bring, make_source, rows

pytestmark = pytest.mark.django_db

STORED: list[dict[str, Any]] = [
    {"department": ["Sales", "EMEA"]},
    {"title": "x" * 201},
    {"title": "Sales\u200e"},
    {"costCenter": " 4130"},
    {"division": 7},
]


def of_a_source(**stored: Any) -> Identity:
    """Somebody whom a profile keeps."""
    source = make_source("People")
    bring(source, rows("1,pat01,pat@example.com,"))
    profiles.process(profiles.make_profile(source, kind=ProfileKind.PERSON))
    return keeping(profiles.identity("pat01"), **stored)


def keeping(person: Identity, **stored: Any) -> Identity:
    Identity.objects.get_queryset().filter(pk=person.pk).update(**stored)
    return now(person)


def now(person: Identity) -> Identity:
    return Identity.objects.get_queryset().get(pk=person.pk)


def stop(scim: Caller, person: Identity) -> None:
    answer = scim.patch(f"/Users/{person.pk}", replace("active", False))
    assert answer.status_code in (200, 204), answer.content
    assert not now(person).is_active


@pytest.mark.parametrize("stored", STORED, ids=lambda stored: next(iter(stored)))
def test_whom_a_source_keeps_is_stopped_whatever_it_says_of_them(
    scim: Caller, stored: dict[str, Any]
) -> None:
    person = of_a_source(attributes=stored)

    stop(scim, person)

    assert now(person).attributes == stored
    assert not Event.objects.filter(action="identity.edited", subject_id=str(person.pk)).exists()


@pytest.mark.parametrize("stored", STORED, ids=lambda stored: next(iter(stored)))
def test_what_is_not_changed_stays_as_it_was_stored(scim: Caller, stored: dict[str, Any]) -> None:
    person = keeping(make_person("pat"), attributes=stored, first_name="x" * 100)

    stop(scim, person)
    answer = scim.patch(f"/Users/{person.pk}", replace("nickName", "Pat"))

    assert answer.status_code in (200, 204), answer.content
    assert now(person).attributes == stored | {"preferredName": "Pat"}
    assert now(person).first_name == "x" * 100


def test_a_whole_user_put_back_as_it_was_read_changes_nothing_else(scim: Caller) -> None:
    person = of_a_source(attributes={"department": ["Sales", "EMEA"], "title": "x" * 201})
    read = scim.get(f"/Users/{person.pk}").json()

    answer = scim.send("PUT", f"/Users/{person.pk}", read | {"active": False})

    assert answer.status_code == 200, answer.content
    assert not now(person).is_active
    assert now(person).attributes == person.attributes


def test_who_reports_to_somebody_deleted_is_stopped(scim: Caller) -> None:
    boss = make_person("boss")
    person = keeping(make_person("pat"), manager=boss)
    actions.delete(by=SYSTEM, identity=boss, at=timezone.now())
    keeping(person, manager_id=boss.pk, manager_by_hand=False)

    stop(scim, person)

    assert not now(person).manager_by_hand
    assert not Event.objects.filter(action="identity.manager_set").exists()


def test_what_is_changed_is_still_looked_at(scim: Caller) -> None:
    person = of_a_source(attributes={"department": ["Sales", "EMEA"]})
    where = f"/Users/{person.pk}"

    answer = scim.patch(where, replace(f"{ENTERPRISE}:department", "Sales"))
    assert (answer.status_code, told(answer)) == (400, "mutability")
    answer = scim.patch(where, replace("active", False), replace("title", "x"))
    assert (answer.status_code, told(answer)) == (400, "mutability")
    assert now(person).is_active, "all of a request is done, or nothing"


def test_whom_somebody_else_stopped_a_directory_does_not_start_again(scim: Caller) -> None:
    person = make_person("stopped")
    actions.disable(by=SYSTEM, identity=person, at=timezone.now())

    answer = scim.patch(f"/Users/{person.pk}", replace("active", True), replace("title", "Lead"))

    assert answer.status_code in (200, 204)
    assert not now(person).is_active
    assert now(person).attributes["title"] == "Lead", "the rest of what it says is done"
    assert scim.get(f"/Users/{person.pk}").json()["active"] is False
    read = scim.get(f"/Users/{person.pk}").json()
    scim.send("PUT", f"/Users/{person.pk}", read | {"active": True})
    assert not now(person).is_active
    assert not Event.objects.filter(action="identity.enabled").exists()


def test_whom_it_stopped_itself_it_starts_again(scim: Caller) -> None:
    person = make_person("back")
    stop(scim, person)
    scim.patch(f"/Users/{person.pk}", replace("active", True))
    assert now(person).is_active
