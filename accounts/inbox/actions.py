"""What people do with messages: look at them, which the event says before they see anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.inbox import policies
from accounts.inbox.models import ReceivedMessage
from accounts.inbox.queries import opened
from accounts.inbox.reading import Attachment
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.vault.actions import ItemGone


@dataclass(frozen=True)
class Shown:
    """A message that somebody looks at."""

    sender: str
    subject: OneTimeSecret
    text: OneTimeSecret
    code: OneTimeSecret | None
    attachments: tuple[Attachment, ...]
    is_cut: bool


@transaction.atomic
def show(*, by: Actor, message: ReceivedMessage, at: datetime) -> Shown:
    """The whole of a message, for somebody who has a part in its account.

    Raises:
        NotAllowed, ItemGone
        SealBroken: it cannot be opened here.
    """
    policies.check_may_read(by, message.item, at)
    rows = ReceivedMessage.objects.select_for_update(of=("self",)).select_related("item")
    found = rows.filter(pk=message.pk, item__deleted_at=None).first()
    if found is None:
        raise ItemGone
    policies.check_may_read(by, found.item, at)
    if found.read_at is None:
        found.read_at = at
        found.save(update_fields=["read_at"])
    detail = {"message": str(found.pk), "kind": str(found.kind), "has_code": found.has_code}
    record("stored_account.message_read", by=by, subject=found.item, detail=detail, at=at)
    said = opened(found)
    return Shown(
        sender=said["sender"],
        subject=OneTimeSecret(said["subject"]),
        text=OneTimeSecret(said["text"]),
        code=OneTimeSecret(said["code"]) if said["code"] else None,
        attachments=tuple(Attachment(*each) for each in said["attachments"]),
        is_cut=said["is_cut"],
    )
