"""What becomes of provisioning tokens where their account gets another owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.audit.actors import Actor
from accounts.models import ServiceAccount
from tokens.provisioning import actions, queries


def follow_hands(*, by: Actor, before: Sequence[ServiceAccount], keep: bool, at: datetime) -> None:
    """Those that the old owner was shown end with their ownership, unless `keep`; in the
    transaction of the change."""
    if keep:
        return
    owners = {account.pk: account.owner_id for account in before}
    for token in queries.tokens().filter(identity__in=owners, revoked_at=None).order_by("pk"):
        if token.made_by_id is not None and token.made_by_id == owners[token.identity_id]:
            actions.stop(by=by, token=token, at=at)
