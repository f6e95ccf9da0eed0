from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import F

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.policies import check_may_manage
from tokens.access_tokens import policies
from tokens.access_tokens.issue import Replay
from tokens.access_tokens.models import RevokedToken, TokenGeneration, UsedAssertion
from tokens.access_tokens.verify import AccessToken
from tokens.personal_access_tokens.policies import subject_of

FORGET_BATCH = 5_000
"""Rows of one delete statement: short enough that no token request waits for it."""


@transaction.atomic
def revoke_all(*, by: Actor, holder: ServiceAccount | Identity, at: datetime) -> None:
    """Refuse every access token issued to somebody so far, from its next use on.

    Keys and personal access tokens go on working.

    Raises:
        NotAllowed: they are not theirs to revoke.
    """
    policies.check_may_revoke_all(by, holder)
    row, _created = TokenGeneration.objects.get_or_create(
        identity_id=holder.pk, defaults={"changed_at": at, "changed_by": by.label[:200]}
    )
    TokenGeneration.objects.filter(pk=row.pk).update(
        number=F("number") + 1, changed_at=at, changed_by=by.label[:200]
    )
    subject = holder if isinstance(holder, ServiceAccount) else subject_of(holder)
    record("token.revoked_all", by=by, subject=subject, at=at)


@transaction.atomic
def revoke(*, by: Actor, token: AccessToken, at: datetime) -> bool:
    """Refuse one access token from its next use on. Revoking twice is harmless.

    Answers whether it was revoked just now.

    Raises:
        NotAllowed: it is somebody else's, and `by` does not manage service accounts.
    """
    if by.actor_id != token.holder.actor_id:
        check_may_manage(by)
    _row, is_new = RevokedToken.objects.get_or_create(
        token_id=token.token_id,
        defaults={
            "identity_id": token.holder.pk,
            "issued_at": datetime.fromtimestamp(token.issued_at, tz=UTC),
            "expires_at": datetime.fromtimestamp(token.expires_at, tz=UTC),
        },
    )
    if is_new:
        detail = {"token_id": token.token_id, "credential": str(token.credential_id)}
        record("token.revoked", by=by, subject=token.holder, detail=detail, at=at)
    return is_new


def use_up(*, identity_id: UUID, replay: Replay) -> bool:
    """Remember an assertion that proved who calls; False where it was used before."""
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(
                identity_id=identity_id, jti_hash=replay.jti_hash, expires_at=replay.until
            )
    except IntegrityError:
        return False
    return True


def forget_used_assertions(*, at: datetime) -> int:
    """Delete the memory of assertions that have expired, a batch a transaction.

    Answers how many were deleted.
    """
    return _forget(UsedAssertion.objects.filter(expires_at__lt=at))


def forget_revoked_tokens(*, at: datetime) -> int:
    """Delete the memory of revoked tokens that have run out, a batch a transaction.

    Answers how many were deleted.
    """
    return _forget(RevokedToken.objects.filter(expires_at__lt=at))


def _forget(stale: models.QuerySet[Any]) -> int:
    deleted = 0
    while batch := list(stale.order_by("expires_at").values_list("pk", flat=True)[:FORGET_BATCH]):
        stale.filter(pk__in=batch).delete()
        deleted += len(batch)
    return deleted
