from __future__ import annotations

from typing import Final
from uuid import UUID

from accounts.authorization.permissions import Permission
from accounts.models import IdentityProfile
from accounts.profiles import queries
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun

noun: Final = Noun(
    "profiles", "Identity profiles", "How the accounts of a source become identities."
)

PROFILE: Final = "/{uuid:profile_id}"
VIEW: Final = (Permission.PROFILE_VIEW,)
MANAGE: Final = (Permission.PROFILE_MANAGE,)


def load(request: Request, profile_id: UUID) -> IdentityProfile:
    return one_of(queries.visible_to(request.by), profile_id, "identity profile")
