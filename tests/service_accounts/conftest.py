from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity
from tests.factories import make_account
from tests.factories.accounts import Made


@pytest.fixture
def admin(ada: Identity, client_of: Callable[[Identity], Client]) -> Client:
    return client_of(ada)


@pytest.fixture
def auditor(vera: Identity, client_of: Callable[[Identity], Client]) -> Client:
    return client_of(vera)


@pytest.fixture
def owner(otto: Identity, client_of: Callable[[Identity], Client]) -> Client:
    return client_of(otto)


@pytest.fixture
def stranger(mallory: Identity, client_of: Callable[[Identity], Client]) -> Client:
    return client_of(mallory)


@pytest.fixture
def made(ada: Identity, otto: Identity) -> Made:
    """An account that Otto owns."""
    return make_account("audit01", owner=otto, by=ada)
