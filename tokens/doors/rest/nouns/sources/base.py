from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from accounts.authorization.permissions import Permission
from accounts.models import Source
from accounts.sources import policies, queries
from accounts.sources.connectors.base import BadConfig
from accounts.sources.secrets import BadSecret
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.errors import Refused
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


@contextmanager
def placed_settings() -> Iterator[None]:
    """Settings and secrets are named by connectors, who do not know where they were sent."""
    try:
        yield
    except (BadConfig, BadSecret) as error:
        place = "config" if isinstance(error, BadConfig) else "secrets"
        field = f"{place}.{error.field}" if error.field else place
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refused(status, error.message, code=error.code, field=field) from error


def merged(config: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Null takes a setting away, which then has its default."""
    return {name: value for name, value in {**config, **sent}.items() if value is not None}
