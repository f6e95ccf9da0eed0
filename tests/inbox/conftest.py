from __future__ import annotations

import pytest

from accounts.models import Identity, Mailbox, StoredAccount
from tests.factories.inbox import make_mailbox
from tests.factories.vault import make_item


@pytest.fixture
def item(otto: Identity) -> StoredAccount:
    return make_item(otto)


@pytest.fixture
def mailbox(item: StoredAccount) -> Mailbox:
    return make_mailbox(item)
