from __future__ import annotations

from django.db.models import QuerySet

from accounts.identities.models import Identity
from accounts.trusted_sessions.models import RecoveryKey, TrustedSession


def of(person: Identity) -> QuerySet[TrustedSession]:
    """All that somebody ever had, the newest first."""
    return TrustedSession.objects.filter(identity=person).order_by("-asked_at", "pk")


def has_trusted(person: Identity) -> bool:
    return TrustedSession.objects.trusted().filter(identity=person).exists()


def recovery_key_of(person: Identity) -> RecoveryKey | None:
    return RecoveryKey.objects.filter(identity=person).first()
