from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.policies import has_ended
from accounts.models import Identity
from tokens.credentials.models import Credential, CredentialStatus
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN


class TokenStatus(StrEnum):
    """Whether a token works, and what stops it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Its holder is disabled or has ended; it works again when they do."""
    EXPIRED = "expired"
    REVOKED = "revoked"


def tokens() -> QuerySet[Credential]:
    return Credential.objects.filter(kind=PERSONAL_ACCESS_TOKEN).select_related("identity")


def visible_to(person: Identity) -> QuerySet[Credential]:
    """One's own, those of the service accounts that one owns, or all for who may see all."""
    if may(person, Permission.TOKEN_VIEW_ALL):
        return tokens()
    if not may(person, Permission.TOKEN_OWN):
        return tokens().none()
    owned = Q(identity__service_account__owner=person, identity__service_account__deleted_at=None)
    return tokens().filter(Q(identity=person) | owned)


def held_by(holder: Identity) -> QuerySet[Credential]:
    """Those that are not revoked, the newest first."""
    return tokens().filter(identity=holder, revoked_at=None).order_by("-created_at", "id")


def status_of(token: Credential, at: datetime) -> TokenStatus:
    match token.status_at(at):
        case CredentialStatus.REVOKED:
            return TokenStatus.REVOKED
        case CredentialStatus.EXPIRED:
            return TokenStatus.EXPIRED
    if not token.identity.is_active or has_ended(token.identity, at=at):
        return TokenStatus.SUSPENDED
    return TokenStatus.ACTIVE
