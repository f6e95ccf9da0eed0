"""Integrations as the pages of an account and of its integrations show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Integration, ServiceAccount
from tokens.usage.declared import lacking, last_seen
from tokens.usage.queries import Consumer


@dataclass(frozen=True)
class Row:
    integration: Integration
    last_seen_at: datetime | None
    is_known: bool
    """Whether its uses can be told from others."""
    lacking: list[str]
    """Scopes that it needs and that the account does not have."""


@dataclass(frozen=True)
class Suggestion:
    """A client that uses the account, and that nobody has declared."""

    consumer: Consumer
    url: str


def rows(
    integrations: Iterable[Integration], consumers: Sequence[Consumer], had: Sequence[str]
) -> list[Row]:
    return [row(each, consumers, had) for each in integrations]


def row(integration: Integration, consumers: Sequence[Consumer], had: Sequence[str]) -> Row:
    return Row(
        integration,
        last_seen(integration, consumers),
        bool(integration.client or integration.address),
        lacking(integration, had),
    )


def suggestion(account: ServiceAccount, consumer: Consumer) -> Suggestion:
    """The form with what was observed filled in."""
    seen = [("client", consumer.client), ("address", consumer.address)]
    seen += [("scope", name) for name in sorted(consumer.scopes)]
    query = urlencode([(name, text) for name, text in seen if text])
    return Suggestion(consumer, reverse("integrations:new", args=[account.pk]) + f"?{query}")
