from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.identities.models import Identity


class Session(AbstractBaseSession):
    """A session as Django keeps it, with what its owner wants to know of it.

    All of it follows from the data of the session, see `store`; a session without an identity is
    of somebody who has not signed in.
    """

    identity = models.ForeignKey(
        Identity, null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    public_id = models.UUIDField(null=True, db_index=True)
    """Names the session in addresses, where its key must never stand.

    Not unique: a session that gets a new key is two rows for a moment.
    """
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> type:
        from accounts.sessions.store import SessionStore

        return SessionStore
