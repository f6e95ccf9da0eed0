"""What the table opens to a level, it gets: every operation, every level of it, on real objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import LEVELS
from accounts.authorization.policies import NotAllowed
from accounts.models import Identity, IdentityProfile, Job, Processing, Source
from accounts.profiles import library
from tests.doors.sailpoint.caller import Caller, said
from tests.doors.sailpoint.test_rights import ROWS
from tests.factories import make_person
from tests.factories.imports import HEADER, bring, make_source, rows
from tests.factories.profiles import identity, make_profile, plan, process, work
from tests.factories.tokens import make_token
from tests.oauth.program import Answer
from tokens.doors.sailpoint.sources import schema_id_of

pytestmark = pytest.mark.django_db

PATCH = "application/json-patch+json"
ACCOUNT = "SA-1,audit01,audit@example.com,Reports"
STATIC = {"name": "Fixed", "type": "static", "attributes": {"value": "a"}}


@dataclass
class World:
    """Something of each kind; the sources are the caller's where they see their own only."""

    by: Identity
    source: Source
    spare: Source
    profile: IdentityProfile
    audit: Identity
    other: Identity

    def parts(self) -> dict[str, str]:
        definition = STATIC | {"name": "Kept"}
        transform = library.create(
            by=SYSTEM, name="Kept", definition=definition, at=timezone.now()
        )
        token = make_token(self.by, "Mine", scopes=["sp:scopes:default"])
        return {
            "source_id": str(self.source.pk),
            "schema_id": str(schema_id_of(self.source)),
            "account_id": str(self.audit.source_accounts.get().account_pk),
            "identity_id": str(self.other.pk),
            "profile_id": str(self.profile.pk),
            "transform_id": str(transform.pk),
            "client_id": str(self.audit.pk),
            "token_id": token.client_id,
        }
