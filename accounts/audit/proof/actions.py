"""Checkpoints are made by the worker, behind those who write events: nobody waits for one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit.models import Event
from accounts.audit.proof import marks
from accounts.audit.proof.models import AuditCheckpoint, AuditGap, AuditKey
from accounts.audit.proof.sealed import context_of
from accounts.sealing import Sealed, open_sealed, seal

MOST_EVENTS: Final = 10_000
"""Of one checkpoint: some tenths of a second, and as many marks in memory."""
MOST_AT_ONCE: Final = 50
"""Checkpoints of one round, so that other upkeep has its turn."""
GAPS_STAY_OPEN: Final = timedelta(hours=24)
"""Longer than any transaction lasts. An event that appears later was not written by Steward."""
KEY_BYTES: Final = 32


def make_due() -> None:
    """Seal what was written since the last checkpoint."""
    for _round in range(MOST_AT_ONCE):
        if make_next(at=timezone.now()) < MOST_EVENTS:
            return


def make_next(*, at: datetime, most: int = MOST_EVENTS) -> int:
    """Make the next checkpoint; returns how many events it holds, 0 where there is none to make."""
    try:
        with transaction.atomic():
            return _make(at, most)
    except IntegrityError:
        # another worker made the one of this number meanwhile
        return 0


def _make(at: datetime, most: int) -> int:
    before = AuditCheckpoint.objects.select_for_update().order_by("-number").first()
    since = before.last_id if before else 0
    late = _late(at)
    new = list(
        Event.objects.filter(pk__gt=since).order_by("pk").values_list("pk", flat=True)[:most]
    )
    if not new and not late:
        return 0
    last = new[-1] if new else since
    for gap in marks.between(new, since + 1, last):
        AuditGap.objects.create(first_id=gap[0], last_id=gap[1], seen_at=at)
    ranges = marks.as_ranges(late + new)
    of_events = b"".join(marks.of_row(row) for row in marks.rows_in(ranges))
    key = _key(at)
    checkpoint = AuditCheckpoint(
        number=before.number + 1 if before else 1,
        made_at=at,
        last_id=last,
        many=len(of_events) // marks.MARK_BYTES,
        ranges=ranges,
        marks=of_events,
        previous=before.digest if before else "",
        made_with=key,
    )
    checkpoint.digest = digest_of(checkpoint)
    checkpoint.mac = mac_of(checkpoint.digest, secret_of(key))
    checkpoint.save(force_insert=True)
    return checkpoint.many


def digest_of(checkpoint: AuditCheckpoint) -> str:
    """SHA-256 over everything that a checkpoint says, in hexadecimal digits."""
    ranges = ",".join(f"{first}-{last}" for first, last in checkpoint.ranges)
    head = "\n".join(
        (
            "steward-audit-1",
            str(checkpoint.number),
            checkpoint.made_at.isoformat(timespec="microseconds"),
            str(checkpoint.last_id),
            str(checkpoint.many),
            ranges,
            checkpoint.previous,
        )
    )
    return hashlib.sha256(head.encode() + b"\n" + bytes(checkpoint.marks)).hexdigest()


def mac_of(digest: str, secret: bytes) -> str:
    return hmac.new(secret, digest.encode(), hashlib.sha256).hexdigest()


def secret_of(key: AuditKey) -> bytes:
    """The secret of a key.

    Raises:
        SealBroken: it does not open here.
    """
    return open_sealed(Sealed(key.key_id, bytes(key.blob)), context=context_of(key))


def _key(at: datetime) -> AuditKey:
    newest = AuditKey.objects.order_by("-pk").first()
    if newest is not None:
        return newest
    key = AuditKey.objects.create(key_id="", blob=b"", made_at=at)
    sealed = seal(secrets.token_bytes(KEY_BYTES), context=context_of(key))
    key.key_id, key.blob = sealed.key_id, sealed.blob
    key.save(update_fields=["key_id", "blob"])
    return key


def _late(at: datetime) -> list[int]:
    """Events of transactions that were under way when a checkpoint passed them; closes gaps."""
    AuditGap.objects.filter(seen_at__lt=at - GAPS_STAY_OPEN).delete()
    found: list[int] = []
    open_ones = AuditGap.objects.select_for_update().filter(first_id__gt=settled_id(at))
    for gap in open_ones.order_by("first_id"):
        ids = _ids(gap.first_id, gap.last_id)
        if not ids:
            continue
        found += ids
        rest = [
            AuditGap(first_id=first, last_id=last, seen_at=gap.seen_at)
            for first, last in marks.between(ids, gap.first_id, gap.last_id)
        ]
        gap.delete()
        AuditGap.objects.bulk_create(rest)
    return found


def settled_id(at: datetime) -> int:
    """Up to which event nothing can come late any more, whatever a gap says."""
    settled = AuditCheckpoint.objects.filter(made_at__lte=at - GAPS_STAY_OPEN)
    return settled.order_by("-number").values_list("last_id", flat=True).first() or 0


def _ids(first: int, last: int) -> list[int]:
    events = Event.objects.filter(pk__gte=first, pk__lte=last)
    return list(events.order_by("pk").values_list("pk", flat=True))
