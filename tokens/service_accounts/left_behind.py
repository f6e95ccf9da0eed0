"""Secrets of an account that owners before know: its new owner has them replaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.models import Identity, ServiceAccount, Takeover
from accounts.takeovers.passing import GONE
from accounts.takeovers.states import Cause
from tokens.credentials.models import Credential, CredentialStatus, KeyOrigin
from tokens.personal_access_tokens.queries import held_by
from tokens.service_accounts.queries import keys_for_page

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
    """What people made who are disabled or deleted by now, and what those downloaded who do not
    own the account any more; `keys` are its keys."""
    gone = Identity.objects.get_queryset().filter(GONE).exclude(pk=account.pk)
    held = held_by(account.identity).filter(made_by_id__in=gone.values("pk"))
    return LeftBehind(list(held), downloaded_by_others(account.owner, keys, now))


def after(takeover: Takeover, now: datetime) -> LeftBehind:
    """What goes on working once a takeover is confirmed; tokens of who offers an account end with
    that."""
    account = takeover.account
    keys = keys_for_page(account)
    if takeover.cause == Cause.OFFERED:
        return LeftBehind([], downloaded_by_others(takeover.taker, keys, now))
    return left_behind(account, keys, now)


def downloaded_by_others(
    owner: Identity | None, keys: Iterable[Credential], now: datetime
) -> list[Credential]:
    """The keys that work and that somebody else than `owner` has had made for them."""
    return [
        key
        for key in keys
        if key.origin == KeyOrigin.OWNER
        and key.status_at(now) in USABLE
        and not (owner and _is_theirs(key, owner))
    ]


def _is_theirs(key: Credential, owner: Identity) -> bool:
    if key.made_by_id is not None:
        return key.made_by_id == owner.pk
    return key.created_by == owner.label[:200]
