from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity, ServiceAccount
from tests.factories import make_account

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def account(otto: Identity) -> ServiceAccount:
    """Otto's account, with two scopes."""
    return make_account("audit01", owner=otto, scopes=["fr:am:*", "fr:idm:*"]).account


@pytest.fixture
def admin(ada: Identity, client_of: ClientOf) -> Client:
    return client_of(ada)


@pytest.fixture
def owner(otto: Identity, client_of: ClientOf) -> Client:
    return client_of(otto)
