"""Chains of managers that are made to be looked through again and again."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from accounts.models import IdentityProfile
from accounts.profiles.managed_by import Manager
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing import managing
from accounts.profiles.processing.managing import Parents
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile() -> IdentityProfile:
    return make_profile(make_source("Staff"), kind=ProfileKind.PERSON)


def refused(
    monkeypatch: pytest.MonkeyPatch, profile: IdentityProfile, now: Parents, new: Parents
) -> frozenset[UUID]:
    """Whose new manager is not set, where the database says `now` and the mapping `new`."""
    named = {str(pk): Manager(pk, str(pk)) for pk in now}
    values = [(who, str(manager) if manager else "") for who, manager in new.items()]
    monkeypatch.setattr(managing, "_managing", lambda _named: dict(now))
    monkeypatch.setattr(managing, "_values_of", lambda _profile, _who: values)
    return managing._closing_circles(profile, named, profile.created_at)


def chain(length: int) -> tuple[Parents, Parents, UUID]:
    """Two who would manage each other, and a line of people who would each be managed by the one
    before, by whom they are not now: each circle that is refused brings the next one to light.
    And somebody who has nothing to do with it."""
    one, other, apart = uuid4(), uuid4(), uuid4()
    line = [one, *(uuid4() for _ in range(length))]
    after: list[UUID | None] = [*line[1:], None]
    now: Parents = {other: None, apart: None, **dict(zip(line, after, strict=True))}
    new: Parents = {one: other, other: one, apart: one}
    new |= dict(zip(line[1:], line[:-1], strict=True))
    return now, new, apart


@pytest.mark.parametrize("length", [3, 500])
def test_circles_that_each_bring_another_are_looked_for_a_few_times(
    monkeypatch: pytest.MonkeyPatch, profile: IdentityProfile, length: int
) -> None:
    now, new, apart = chain(length)
    circles, looks = managing._circles, 0

    def counted(parents: Parents) -> list[list[UUID]]:
        nonlocal looks
        looks += 1
        return list(circles(parents))

    monkeypatch.setattr(managing, "_circles", counted)
    kept = refused(monkeypatch, profile, now, new)
    assert looks == min(length + 2, managing.LOOKS + 1)
    done = {who: now[who] if who in kept else new[who] for who in now}
    assert list(circles(done)) == []
    assert (apart in kept) is (length > managing.LOOKS), "until the next time"
