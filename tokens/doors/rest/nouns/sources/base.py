from __future__ import annotations

from typing import Final
from uuid import UUID

from accounts.authorization.permissions import Permission
from accounts.models import Source
from accounts.sources import policies, queries
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun

noun: Final = Noun("sources", "Sources", "Where accounts come from, and the accounts themselves.")

SOURCE: Final = "/{uuid:source_id}"
VIEW: Final = (Permission.SOURCE_VIEW,)
MANAGE: Final = (Permission.SOURCE_MANAGE,)


def load(request: Request, source_id: UUID) -> Source:
    return one_of(queries.for_list(request.by), source_id, "source")


def load_to_change(request: Request, source_id: UUID) -> Source:
    """A source that the caller may change.

    Raises:
        NotAllowed: they see it, and may not.
    """
    source = load(request, source_id)
    policies.check_may_manage(request.by, source)
    return source
