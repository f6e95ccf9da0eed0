from __future__ import annotations

import pytest

from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder


@pytest.fixture
def made(db: None) -> Made:
    return make_account()


@pytest.fixture
def holder(made: Made) -> Holder:
    """A program that holds the key of an account with fr:am:* and fr:idm:*."""
    return Holder(made)
