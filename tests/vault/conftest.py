from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity, StoredAccount, TrustedSession, Vault
from tests.factories.local_vaults import make_local_item, make_local_vault, trust

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def owner(client_of: ClientOf, otto: Identity) -> Client:
    """The browser of who stores accounts."""
    return client_of(otto)


@pytest.fixture
def here(ada: Identity) -> TrustedSession:
    return trust(ada)


@pytest.fixture
def vault(ada: Identity, here: TrustedSession) -> Vault:
    return make_local_vault(ada, here)


@pytest.fixture
def item(ada: Identity, here: TrustedSession, vault: Vault) -> StoredAccount:
    return make_local_item(ada, here, vault)
