from __future__ import annotations

from typing import Final
from uuid import UUID

from accounts.authorization.permissions import Permission
from accounts.identities import queries
from accounts.models import Identity
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun

noun: Final = Noun("identities", "Identities", "Whoever and whatever exists in the tenant.")

IDENTITY: Final = "/{uuid:identity_id}"
VIEW: Final = (Permission.IDENTITY_VIEW,)
MANAGE: Final = (Permission.IDENTITY_MANAGE,)
DISABLE: Final = (Permission.IDENTITY_DISABLE,)
INVITE: Final = (Permission.IDENTITY_INVITE,)


def load(request: Request, identity_id: UUID) -> Identity:
    rows = queries.visible_to(request.by).select_related("manager")
    return one_of(rows.prefetch_related("level_assignments"), identity_id, "identity")
