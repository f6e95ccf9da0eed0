from __future__ import annotations

import pytest

from accounts.models import Group, Identity, ServiceAccount
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role


@pytest.fixture
def boss(db: None) -> Identity:
    """The manager of Otto."""
    return make_person("boss")


@pytest.fixture
def requester(otto: Identity, boss: Identity) -> Identity:
    """Otto, who owns audit01 and has a manager."""
    otto.manager = boss
    otto.save(update_fields=["manager"])
    return otto


@pytest.fixture
def account(requester: Identity) -> ServiceAccount:
    return make_account("audit01", owner=requester, scopes=["fr:idm:*"]).account


@pytest.fixture
def group(db: None) -> Group:
    """Open to requests; gives fr:am:*."""
    role = make_role("itil", scopes=["fr:am:*"])
    return make_group("ServiceNow Service Accounts", roles=[role], may_be_requested=True)
