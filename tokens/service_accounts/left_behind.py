"""Secrets of an account that people know who have left: its new owner replaces them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.models import Identity, ServiceAccount, Takeover
from accounts.takeovers.passing import GONE, known_as
from tokens.credentials.models import Credential, CredentialStatus, KeyOrigin
from tokens.personal_access_tokens.queries import held_by

USABLE: Final = (CredentialStatus.ACTIVE, CredentialStatus.RETIRING)


@dataclass(frozen=True)
class LeftBehind:
    """What goes on working although somebody has it who should have it no more."""

    tokens: Sequence[Credential]
    """Personal access tokens that they made."""
    keys: Sequence[Credential]
    """Keys that they downloaded."""

    def __bool__(self) -> bool:
        return bool(self.tokens or self.keys)


def left_behind(account: ServiceAccount, keys: Iterable[Credential], now: datetime) -> LeftBehind:
    """What people made or downloaded who are disabled or deleted by now; `keys` are its keys."""
    gone = Identity.objects.get_queryset().filter(GONE).exclude(pk=account.pk)
    held = held_by(account.identity).filter(made_by_id__in=gone.values("pk"))
    return LeftBehind(list(held), _downloaded(account, keys, now))


def _downloaded(
    account: ServiceAccount, keys: Iterable[Credential], now: datetime
) -> list[Credential]:
    theirs = [key for key in keys if key.origin == KeyOrigin.OWNER and key.status_at(now) in USABLE]
    if not theirs:
        return []
    givers = Takeover.objects.filter(account=account).values("giver")
    left = Identity.objects.get_queryset().filter(GONE, pk__in=givers)
    names = {known_as(each)[:200] for each in left}
    return [key for key in theirs if key.created_by in names]
