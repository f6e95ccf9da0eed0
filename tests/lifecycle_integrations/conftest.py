from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Group, Identity
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.factories.lifecycle import Application, application


@pytest.fixture
def acme() -> Iterator[Application]:
    """An application that speaks SCIM 2.0 and is not ours."""
    with application() as found:
        yield found


@pytest.fixture
def people(db: None) -> list[Identity]:
    return [make_person(name) for name in ("anna", "bert", "carl", "dora", "emil", "fred")]


@pytest.fixture
def team(people: list[Identity]) -> Group:
    return make_group("Marketing", members=people)
