from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def owner(client_of: ClientOf, otto: Identity) -> Client:
    """The browser of who stores accounts."""
    return client_of(otto)
