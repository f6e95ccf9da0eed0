from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity
from tests.factories import make_account
from tests.factories.accounts import Made

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def made(otto: Identity) -> Made:
    """Otto's account with one key."""
    return make_account(owner=otto)


@pytest.fixture
def admin(ada: Identity, client_of: ClientOf) -> Client:
    return client_of(ada)


@pytest.fixture
def owner(otto: Identity, client_of: ClientOf) -> Client:
    return client_of(otto)
