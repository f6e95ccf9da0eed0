"""Messages that come in: each is stored once, sealed, for the account whose address it names.

Whoever calls has made sure of where a message comes from, as far as that can be known: of mail by
LMTP or SMTP nothing is, and nothing that a message says about itself is believed.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.inbox import codes, forwarding, reading
from accounts.inbox.models import (
    ADDRESS_MAX_LENGTH,
    Mailbox,
    MessageKind,
    PhoneNumber,
    ReceivedMessage,
)
from accounts.lib.errors import DomainError
from accounts.sealing import seal
from accounts.vault.models import StoredAccount

MOST_BYTES: Final = 10 * 1024 * 1024
"""Of one mail, as it was sent."""
MOST_RECIPIENTS: Final = 50
"""Of one mail."""
MOST_AN_HOUR: Final = 300
"""Messages to one account; a sender that is honest tries again later."""
MOST_KEPT: Final = 1_000
"""Of one account; the oldest make room."""
NOTED_AGAIN_AFTER: Final = timedelta(hours=1)
"""Mail to a closed mailbox is noted no more often than that."""


class UnknownRecipient(DomainError):
    """No account takes messages there, now or ever."""

    code = "unknown_recipient"

    def __init__(self) -> None:
        super().__init__(_("Nobody takes messages at this address."))


class TooMany(DomainError):
    """So much arrived lately that no more is taken for a while."""

    code = "too_many_messages"

    def __init__(self) -> None:
        super().__init__(_("Too many messages arrived here lately. Try again later."))


class TooLarge(DomainError):
    """The message has more bytes than are taken."""

    code = "message_too_large"

    def __init__(self) -> None:
        super().__init__(_("This message is too large."))


def normalised(address: str) -> str:
    """An address as mailboxes have it: in small letters, and without what follows a plus sign."""
    local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def check_recipient(address: str, *, at: datetime) -> None:
    """
    Raises:
        UnknownRecipient: no mail is taken there; that it was tried is noted where it once was.
    """
    _mailbox(address, at)


def receive_mail(*, to: str, raw: bytes, delivery: str = "", at: datetime) -> bool:
    """Store a mail for the mailbox `to`; answers whether it is new. One that comes again, by its
    Message-ID or by what a provider calls the `delivery`, is stored once.

    Raises:
        UnknownRecipient, TooLarge, Unreadable: it will never be taken.
        TooMany: it may be, later.
    """
    mailbox = _mailbox(to, at)
    if len(raw) > MOST_BYTES:
        raise TooLarge
    read = reading.mail(raw)
    known_as = read.message_id or hashlib.sha256(raw).hexdigest()
    return _store(
        mailbox.item_id,
        MessageKind.MAIL,
        recipient=mailbox.address,
        read=read,
        size_bytes=len(raw),
        digest=_digest(MessageKind.MAIL, mailbox.address, known_as),
        delivery=_digest("delivery", delivery) if delivery else None,
        at=at,
    )


def receive_sms(*, to: str, sender: str, text: str, provider_id: str, at: datetime) -> bool:
    """Store an SMS for the number `to` (E.164); answers whether it is new.

    Raises:
        UnknownRecipient, TooMany
    """
    number = PhoneNumber.objects.filter(number=to, item__deleted_at=None).first()
    if number is None or number.item_id is None:
        raise UnknownRecipient
    return _store(
        number.item_id,
        MessageKind.SMS,
        recipient=number.number,
        read=reading.sms(sender=sender, text=text),
        size_bytes=len(text.encode("utf-8", "replace")),
        digest=_digest(MessageKind.SMS, provider_id),
        delivery=None,
        at=at,
    )


def context_of(message: ReceivedMessage) -> str:
    """For which row a sealed message holds."""
    return f"accounts_receivedmessage:{message.item_id}:{message.pk}:blob"


def forget_old(*, before: datetime, most: int = 1_000) -> int:
    """Forget messages that arrived before a time; answers how many."""
    old = ReceivedMessage.objects.filter(received_at__lt=before).order_by("received_at", "pk")
    gone = list(old.values_list("pk", flat=True)[:most])
    ReceivedMessage.objects.filter(pk__in=gone).delete()
    return len(gone)


def _mailbox(address: str, at: datetime) -> Mailbox:
    known_as = normalised(address)
    if "\0" in known_as or len(known_as) > ADDRESS_MAX_LENGTH:
        raise UnknownRecipient
    found = Mailbox.objects.select_related("item").filter(address=known_as).first()
    if found is None:
        raise UnknownRecipient
    if found.closed_at is None and found.item.deleted_at is None:
        return found
    _note_refused(found, at)
    raise UnknownRecipient


@transaction.atomic
def _note_refused(mailbox: Mailbox, at: datetime) -> None:
    not_lately = Q(refused_at=None) | Q(refused_at__lte=at - NOTED_AGAIN_AFTER)
    if Mailbox.objects.filter(not_lately, pk=mailbox.pk).update(refused_at=at):
        detail = {"address": mailbox.address}
        record("stored_account.mail_refused", by=SYSTEM, subject=mailbox.item, detail=detail, at=at)


@transaction.atomic
def _store(
    item_id: Any,
    kind: MessageKind,
    *,
    recipient: str,
    read: reading.Read,
    size_bytes: int,
    digest: str,
    delivery: str | None,
    at: datetime,
) -> bool:
    rows = StoredAccount.objects.select_for_update(of=("self",), no_key=True)
    item = rows.filter(pk=item_id, deleted_at=None).first()
    if item is None:
        raise UnknownRecipient
    same = Q(digest=digest) | (Q(delivery=delivery) if delivery else Q(pk=None))
    if ReceivedMessage.objects.filter(same).exists():
        return False
    lately = ReceivedMessage.objects.filter(item=item, received_at__gt=at - timedelta(hours=1))
    if lately.count() >= MOST_AN_HOUR:
        raise TooMany
    code = codes.find(read.subject, read.text)
    made = ReceivedMessage(
        item=item,
        kind=kind,
        recipient=recipient,
        has_code=bool(code),
        size_bytes=size_bytes,
        digest=digest,
        delivery=delivery,
        received_at=at,
    )
    sealed = seal(json.dumps(_packed(read, code)).encode(), context=context_of(made))
    made.key_id, made.blob = sealed.key_id, sealed.blob
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return False  # the same one came at the same time, for another number or mailbox
    _make_room(item)
    detail = {"kind": str(kind), "to": recipient, "has_code": bool(code)}
    record("stored_account.message_received", by=SYSTEM, subject=item, detail=detail, at=at)
    if not read.is_automatic:
        forwarding.write(made, at=at)
    return True


def _make_room(item: StoredAccount) -> None:
    newest = ReceivedMessage.objects.filter(item=item).order_by("-received_at", "-pk")
    gone = list(newest.values_list("pk", flat=True)[MOST_KEPT : MOST_KEPT + 100])
    ReceivedMessage.objects.filter(pk__in=gone).delete()


def _packed(read: reading.Read, code: str) -> dict[str, Any]:
    return {
        "sender": read.sender,
        "subject": read.subject,
        "text": read.text,
        "code": code,
        "attachments": [[each.name, each.size_bytes] for each in read.attachments],
        "is_cut": read.is_cut,
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
