from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import IdentityKind
from accounts.identities.policies import has_ended
from accounts.lib.names import skeleton
from accounts.models import Identity, ServiceAccount
from tokens.credentials.models import Credential, CredentialQuerySet, CredentialStatus
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN

EXPIRING_WITHIN: Final = timedelta(days=30)
UNUSED_FOR: Final = timedelta(days=90)


class TokenStatus(StrEnum):
    """Whether a token works, and what stops it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Its holder is disabled or has ended; it works again when they do."""
    EXPIRED = "expired"
    REVOKED = "revoked"


class Whose(StrEnum):
    MINE = "mine"
    SERVICE_ACCOUNTS = "service_accounts"
    PEOPLE = "people"


@dataclass(frozen=True)
class Wanted:
    """What a list of tokens is narrowed to; empty where it is not."""

    text: str = ""
    """Part of the name of a token or its holder, or a client ID."""
    whose: str = ""
    status: str = ""
    """A `TokenStatus`, or "" for all that are not revoked."""
    expiring: bool = False
    unused: bool = False


def tokens() -> CredentialQuerySet:
    found = Credential.objects.filter(kind=PERSONAL_ACCESS_TOKEN)
    return found.select_related("identity__service_account")


def visible_to(person: Identity) -> CredentialQuerySet:
    """One's own, those of the service accounts that one owns, or all for who may see all."""
    if may(person, Permission.TOKEN_VIEW_ALL):
        return tokens()
    if not may(person, Permission.TOKEN_OWN):
        return tokens().none()
    owned = ServiceAccount.objects.existing().filter(owner=person)
    return tokens().filter(Q(identity=person) | Q(identity__service_account__in=owned))


def held_by(holder: Identity) -> QuerySet[Credential]:
    """Those that are not revoked, the newest first."""
    return tokens().filter(identity=holder, revoked_at=None).order_by("-created_at", "id")


def working(holder: Identity, now: datetime) -> list[Credential]:
    """Those that get an access token now, as far as their holder may."""
    return list(held_by(holder) & tokens().usable_at(now))


def narrow(
    rows: CredentialQuerySet, wanted: Wanted, *, person: Identity, now: datetime
) -> CredentialQuerySet:
    """The tokens that fit, with the name as lists are sorted by it; "mine" are `person`'s."""
    rows = _in_status(rows, wanted.status, now).annotate(sort_name=Lower("name"))
    match wanted.whose:
        case Whose.MINE:
            rows = rows.filter(identity=person)
        case Whose.SERVICE_ACCOUNTS:
            rows = rows.filter(identity__kind=IdentityKind.SERVICE)
        case Whose.PEOPLE:
            rows = rows.filter(identity__kind=IdentityKind.PERSON)
    if wanted.text:
        rows = rows.filter(_matches(wanted.text))
    if wanted.expiring:
        rows = rows.filter(expires_at__gt=now, expires_at__lte=now + EXPIRING_WITHIN)
    if wanted.unused:
        idle = Q(last_used_at=None, created_at__lte=now - UNUSED_FOR)
        rows = rows.filter(idle | Q(last_used_at__lte=now - UNUSED_FOR))
    return rows


def _matches(text: str) -> Q:
    looks_like = skeleton(text)
    found = (
        Q(name_key__contains=looks_like)
        | Q(identity__user_name_key__contains=looks_like)
        | Q(identity__display_name__icontains=text)
    )
    try:
        return found | Q(pk=UUID(text))
    except ValueError:
        return found


def _in_status(rows: CredentialQuerySet, status: str, now: datetime) -> CredentialQuerySet:
    """As `status_of` has it, in SQL."""
    if status == TokenStatus.REVOKED:
        return rows.filter(revoked_at__isnull=False)
    rows = rows.filter(revoked_at=None)
    expired = Q(expires_at__isnull=False, expires_at__lte=now)
    ended = Q(identity__service_account__ends_at__isnull=False)
    ended &= Q(identity__service_account__ends_at__lte=now)
    off = Q(identity__disabled_at__isnull=False) | Q(identity__deleted_at__isnull=False) | ended
    match status:
        case TokenStatus.EXPIRED:
            return rows.filter(expired)
        case TokenStatus.SUSPENDED:
            return rows.exclude(expired).filter(off)
        case TokenStatus.ACTIVE:
            return rows.exclude(expired).exclude(off)
        case _:
            return rows


def status_of(token: Credential, at: datetime) -> TokenStatus:
    match token.status_at(at):
        case CredentialStatus.REVOKED:
            return TokenStatus.REVOKED
        case CredentialStatus.EXPIRED:
            return TokenStatus.EXPIRED
    if not token.identity.is_active or has_ended(token.identity, at=at):
        return TokenStatus.SUSPENDED
    return TokenStatus.ACTIVE
