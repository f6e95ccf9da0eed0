"""Where Django finds its sessions (`SESSION_ENGINE`): in our table, which says whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.sessions.models import Session

ABOUT: Final = "steward_session"
"""Key in the data of a session: what is told about it, as `about` makes it."""
SEEN_AT: Final = "steward_seen_at"
"""Key in the data: seconds since the epoch of the last use that was noted."""


def about(*, address: str, user_agent: str, at: datetime) -> dict[str, Any]:
    """What a session that begins now carries about itself."""
    return {
        "id": str(uuid4()),
        "began_at": at.timestamp(),
        "address": address[:64],
        "user_agent": user_agent[:300],
    }


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        row: Session = super().create_model_instance(dict(data))  # type: ignore[assignment]
        told = data.get(ABOUT)
        if told and SESSION_KEY in data:
            row.identity_id = UUID(str(data[SESSION_KEY]))
            row.public_id = UUID(told["id"])
            row.began_at = _time(told["began_at"])
            row.seen_at = _time(data.get(SEEN_AT, told["began_at"]))
            row.address, row.user_agent = told["address"], told["user_agent"]
        return row


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
