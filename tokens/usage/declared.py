"""Observed uses of a service account beside the integrations that were declared for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from accounts.models import Integration, ServiceAccount
from tokens.personal_access_tokens import queries as personal_access_tokens
from tokens.scopes.coverage import covers
from tokens.scopes.effective import of_identity
from tokens.usage.queries import Consumer


def undeclared(
    consumers: Iterable[Consumer], integrations: Sequence[Integration]
) -> list[Consumer]:
    """The clients that no integration is known by, in the order that they came."""
    return [
        each
        for each in consumers
        if not any(one.is_seen_in(client=each.client, address=each.address) for one in integrations)
    ]


def last_seen(integration: Integration, consumers: Iterable[Consumer]) -> datetime | None:
    """When an integration last used its account, as far as it is known by anything."""
    found = [
        each.last_at
        for each in consumers
        if integration.is_seen_in(client=each.client, address=each.address)
    ]
    return max(found, default=None)


def scopes_to_need(account: ServiceAccount, now: datetime) -> list[str]:
    """What a program can need of an account: the scopes that it, its roles and its working
    personal access tokens have."""
    working = personal_access_tokens.working(account.identity, now)
    of_tokens = [name for token in working for name in token.scopes]
    return list(dict.fromkeys([*of_identity(account.identity).all, *of_tokens]))


def lacking(integration: Integration, had: Sequence[str]) -> list[str]:
    """Of the scopes that an integration needs, those that are not among what there is."""
    return [name for name in integration.scopes if not covers(had, name, imply_esv=False)]


def needing(
    integrations: Iterable[Integration], *, gone: Collection[str], left: Collection[str]
) -> list[Integration]:
    """The integrations that need something of the scopes that go, which those that are left do
    not give."""
    return [
        each
        for each in integrations
        if any(
            covers(gone, name, imply_esv=False) and not covers(left, name, imply_esv=False)
            for name in each.scopes
        )
    ]


def may_use(
    integrations: Iterable[Integration], consumers: Sequence[Consumer]
) -> list[Integration]:
    """The integrations that are among these clients, or of which nobody can tell."""
    return [
        each
        for each in integrations
        if not (each.client or each.address) or last_seen(each, consumers) is not None
    ]
