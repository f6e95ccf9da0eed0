from __future__ import annotations

import pytest

from accounts.models import Group, Identity
from tests.doors.servicenow.caller import Caller
from tests.factories import make_account
from tests.factories.groups import make_group, make_role


@pytest.fixture
def account(otto: Identity) -> Identity:
    """A service account of Otto's."""
    return make_account("svc-alpha", owner=otto).account.identity


@pytest.fixture
def group(account: Identity) -> Group:
    roles = [make_role("itil", scopes=["useraccount"]), make_role("rest_api_explorer")]
    return make_group(
        "ServiceNow Service Accounts", roles=roles, members=[account], may_be_requested=True
    )


@pytest.fixture
def admin(ada: Identity) -> Caller:
    return Caller(ada)


@pytest.fixture
def owner(otto: Identity) -> Caller:
    return Caller(otto)


@pytest.fixture
def nobody(mallory: Identity) -> Caller:
    return Caller(mallory)
