"""Programs of the cast."""

from __future__ import annotations

import pytest

from accounts.models import Identity
from tests.doors.rest.caller import Caller


@pytest.fixture
def admin(ada: Identity) -> Caller:
    return Caller(ada)
