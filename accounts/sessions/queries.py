from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY

from accounts.identities.models import Identity
from accounts.sessions.models import Session
from accounts.sign_in import rules

MOST = 200
"""Sessions of one identity that are looked at, the last used first."""


def living(identity: Identity, *, now: datetime) -> list[Session]:
    """Where an identity is signed in; what has ended but not been swept yet is left out."""
    held = rules.current()
    rows = Session.objects.filter(
        identity=identity,
        seen_at__gt=now - held.idle - rules.NOTED_EVERY,
        began_at__gt=now - held.longest,
        expire_date__gt=now,
    )
    stamp = identity.get_session_auth_hash()
    newest = rows.order_by("-seen_at", "public_id")[:MOST]
    return [row for row in newest if row.get_decoded().get(HASH_SESSION_KEY) == stamp]


def find(identity: Identity, session_id: UUID, *, now: datetime) -> Session | None:
    return next((s for s in living(identity, now=now) if s.public_id == session_id), None)
