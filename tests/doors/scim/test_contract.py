"""Our storage keeps what scim2-server promises to its clients."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from scim2_models import ScimProvider
from scim2_server.testing import SEARCH_USERS, ScimStorageContract

from accounts.models import Identity
from tokens.doors.scim import resources
from tokens.doors.scim.storage import DirectoryStorage

pytestmark = pytest.mark.django_db


class TestStorage(ScimStorageContract):
    @pytest.fixture
    def provider(self) -> Iterator[ScimProvider]:
        with resources.provider:
            yield resources.provider

    @pytest.fixture
    def storage(self, client_account: Identity) -> DirectoryStorage:
        Identity.objects.people().delete()
        return DirectoryStorage(client_account)

    @staticmethod
    def search_users() -> list[dict[str, Any]]:
        """As the suite has them, but for a sign that no user name has here."""
        found = deepcopy(SEARCH_USERS)
        for user in found:
            user["userName"] = user["userName"].replace("%", "+")
        return found
