from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import UnknownActor
from accounts.audit.context import RequestFacts, request_facts
from accounts.audit.models import Outcome
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts import actions
from tests.factories import make_account


@pytest.fixture
def audit01(ada: Identity, otto: Identity) -> ServiceAccount:
    """An account that Ada made and took a scope from."""
    made = make_account(by=ada, owner=otto)
    return actions.set_scopes(by=ada, account=made.account, scopes=["fr:idm:*"], at=timezone.now())


@pytest.fixture
def refusal(audit01: ServiceAccount) -> Event:
    """A token request for it that was refused two days ago."""
    with request_facts(RequestFacts("198.51.100.9", "curl/8.5", "feedc0de")):
        return record(
            "token.refused",
            by=UnknownActor(label=str(audit01.pk)),
            subject=audit01,
            outcome=Outcome.REFUSED,
            reason="exp has passed.",
            detail={"error": "invalid_grant"},
            at=timezone.now() - timedelta(days=2),
        )
