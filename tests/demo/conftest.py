from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from accounts.groups import built_in


@pytest.fixture(autouse=True)
def built_in_group(request: pytest.FixtureRequest) -> None:
    """The demo fills a tenant as migrations leave it; for other tests the group is taken away."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        built_in.add(apps, SimpleNamespace(connection=connection))
