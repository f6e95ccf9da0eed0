"""Where sealed values of the inbox stand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.inbox.hooks import context_of as context_of_secret
from accounts.inbox.models import ReceivedMessage, WebhookSecret
from accounts.inbox.receiving import context_of as context_of_message
from accounts.sealing.places import Columns, places


def _secret(row: WebhookSecret) -> str:
    return context_of_secret(row.provider)


def register() -> None:
    tables = (
        Columns(_("Messages of the inbox"), ReceivedMessage, context_of_message),
        Columns(_("Secrets of webhooks"), WebhookSecret, _secret),
    )
    for place in tables:
        places.register(place.table, place)
