"""The questions before somebody is disabled or deleted name what they leave behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.factories.requests import ask_for_group

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def question(client: Client, identity: Identity, act: str) -> str:
    answer = client.get(f"/identities/{identity.pk}/{act}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def boss(otto: Identity) -> Identity:
    boss = make_person("Mia")
    Identity.objects.get_queryset().filter(pk=otto.pk).update(manager=boss)
    otto.refresh_from_db()
    return boss


@pytest.mark.parametrize("act", ["disable", "delete"])
def test_what_they_manage_and_what_waits_for_them_is_named(
    client_of: ClientOf, ada: Identity, otto: Identity, boss: Identity, act: str
) -> None:
    group = make_group("Payroll", manager=boss)
    request = ask_for_group(otto, make_group("Operators", may_be_requested=True))
    text = question(client_of(ada), boss, act)
    for said in (
        "1 person or service account has them for a manager",
        f'href="/identities/{otto.pk}/"',
        "1 group has them for a manager",
        f'href="/groups/{group.pk}/"',
        "1 request waits for their decision",
        request.number,
    ):
        assert said in text, said


def test_who_manages_nothing_leaves_nothing(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    text = question(client_of(ada), otto, "disable")
    for said in ("for a manager", "for their decision"):
        assert said not in text


def test_many_are_counted(client_of: ClientOf, ada: Identity, boss: Identity) -> None:
    for number in range(21):
        person = make_person(f"person{number:02}")
        Identity.objects.get_queryset().filter(pk=person.pk).update(manager=boss)
    text = question(client_of(ada), boss, "disable")
    assert "22 people or service accounts have them for a manager" in text
    assert "2 more" in text
