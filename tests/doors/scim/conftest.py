from __future__ import annotations

import pytest

from accounts.models import Identity
from tests.doors.scim.caller import Caller, make_client


@pytest.fixture
def client_account(db: None) -> Identity:
    """A service account that may provision people and groups, and nothing more."""
    return make_client("Directory")


@pytest.fixture
def scim(client_account: Identity) -> Caller:
    return Caller(client_account)
