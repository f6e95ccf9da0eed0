"""Chains of managers that are made to be looked through again and again."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from accounts.profiles.processing import managing
from accounts.profiles.processing.managing import Parents


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


@pytest.mark.parametrize("length", [3, managing.LOOKS - 2, managing.LOOKS + 2, 500])
def test_circles_that_each_bring_another_are_all_refused_however_many(length: int) -> None:
    now, new, apart = chain(length)
    kept = managing.closing(now, new)
    done = {who: now[who] if who in kept else new[who] for who in now}
    assert no_circle(done)
    # past some looks all that lead to a circle stay as they are, until the next time
    assert (apart in kept) is (length > managing.LOOKS)


def no_circle(parents: Parents) -> bool:
    for who in parents:
        seen, above = {who}, parents[who]
        while above is not None:
            if above in seen:
                return False
            seen.add(above)
            above = parents.get(above)
    return True
