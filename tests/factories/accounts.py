from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM, Actor
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.actions import Details
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import Credential, KeyOrigin
from tokens.service_accounts import actions


@dataclass(frozen=True)
class Made:
    """An account with its key, as its holder has it."""

    account: ServiceAccount
    credential: Credential
    private_jwk: dict[str, Any]


def make_account(
    name: str = "audit01",
    *,
    scopes: Sequence[str] = ("fr:am:*", "fr:idm:*"),
    owner: Identity | None = None,
    algorithm: str = "P-256",
    description: str = "",
    ends_at: datetime | None = None,
    key_lifetime: timedelta | None = None,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> Made:
    """A service account with a key; P-256 unless the test is about RSA, which takes seconds."""
    issued = actions.create(
        by=by,
        details=Details(
            name=name, description=description, owner=owner, scopes=list(scopes), ends_at=ends_at
        ),
        key=KeyChoice(KeyOrigin.STEWARD, algorithm, lifetime=key_lifetime),
        within=None,
        at=at or timezone.now(),
    )
    assert issued.credential is not None
    assert issued.private is not None
    return Made(issued.account, issued.credential, json.loads(issued.private.take()))
