from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from accounts.identities.models import Identity
from accounts.inbox import codes
from accounts.inbox.models import MessageQuerySet, ReceivedMessage
from accounts.inbox.receiving import context_of
from accounts.sealing import SealBroken, Sealed, open_sealed
from accounts.vault.models import StoredAccount


@dataclass(frozen=True)
class Glance:
    """What a list shows of a message: no text, and no code."""

    message: ReceivedMessage
    sender: str
    subject: str
    opens: bool
    """Whether it can be opened here."""


def for_list(person: Identity, item: StoredAccount | None = None) -> MessageQuerySet:
    """What somebody may read, of one account or of all."""
    rows = ReceivedMessage.objects.visible_to(person).select_related("item", "item__vault")
    return rows if item is None else rows.filter(item=item)


def glance(message: ReceivedMessage) -> Glance:
    try:
        said = opened(message)
    except SealBroken:
        return Glance(message, "", "", opens=False)
    return Glance(message, said["sender"], codes.masked(said["subject"], said["code"]), opens=True)


def opened(message: ReceivedMessage) -> dict[str, Any]:
    """What a message says.

    Raises:
        SealBroken: it cannot be opened here.
    """
    sealed = Sealed(message.key_id, bytes(message.blob))
    found: dict[str, Any] = json.loads(open_sealed(sealed, context=context_of(message)))
    return found
