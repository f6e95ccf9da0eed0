from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.models import ServiceAccount
from accounts.service_accounts.policies import check_may_manage
from tokens.access_tokens.models import TokenGeneration, UsedAssertion

FORGET_BATCH = 5_000
"""Rows of one delete statement: short enough that no token request waits for it."""


@transaction.atomic
def revoke_all(*, by: Actor, account: ServiceAccount, at: datetime) -> None:
    """Refuse every access token issued to the account so far, from its next use on."""
    if account.owner_id is None or str(account.owner_id) != by.actor_id:
        check_may_manage(by)
    row, _created = TokenGeneration.objects.get_or_create(
        identity_id=account.pk, defaults={"changed_at": at, "changed_by": by.label[:200]}
    )
    TokenGeneration.objects.filter(pk=row.pk).update(
        number=F("number") + 1, changed_at=at, changed_by=by.label[:200]
    )
    record("token.revoked_all", by=by, subject=account, at=at)


def forget_used_assertions(*, at: datetime) -> int:
    """Delete the memory of assertions that have expired, a batch a transaction.

    Answers how many were deleted.
    """
    deleted = 0
    while True:
        stale = UsedAssertion.objects.filter(expires_at__lt=at).order_by("expires_at")
        batch = list(stale.values_list("pk", flat=True)[:FORGET_BATCH])
        if not batch:
            return deleted
        UsedAssertion.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
