"""Counts uses in memory, so that no request waits; the flusher writes the sums."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import Error as DatabaseFailure
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.db.utils import IntegrityError

from accounts.models import Identity
from tokens.credentials.models import Credential
from tokens.usage.models import AccountUse, DailyUse

MAX_KEYS = 10_000
"""Distinct uses held at most; the request that exceeds it writes them at once."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class UseKey:
    """What tells one row of daily use from another."""

    identity_id: UUID
    day: date
    use: str
    credential_id: UUID | None
    scopes: str
    address: str
    client: str

    def digest(self) -> bytes:
        parts = (
            self.identity_id.hex,
            self.day.isoformat(),
            self.use,
            self.credential_id.hex if self.credential_id else "",
            self.scopes,
            self.address,
            self.client,
        )
        return hashlib.sha256("\0".join(parts).encode()).digest()


@dataclass
class Tally:
    count: int
    first_at: datetime
    last_at: datetime


class UseBuffer:
    """Uses of one process that are not written yet; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._tallies: dict[UseKey, Tally] = {}

    def add(
        self,
        *,
        identity_id: UUID,
        use: str,
        credential_id: UUID | None,
        scopes: Sequence[str],
        address: str,
        client: str,
        at: datetime,
    ) -> None:
        """Count one use; costs no statement, and never fails the request that was answered."""
        key = UseKey(
            identity_id=identity_id,
            day=at.date(),
            use=use,
            credential_id=credential_id,
            scopes=" ".join(sorted(scopes)),
            address=address,
            client=client[:300],
        )
        with self._lock:
            tally = self._tallies.get(key)
            if tally is None:
                self._tallies[key] = Tally(1, at, at)
            else:
                tally.count += 1
                tally.last_at = max(tally.last_at, at)
            full = len(self._tallies) >= MAX_KEYS
        if full:
            try:
                self.flush()
            except DatabaseFailure:
                logger.exception("Use could not be written; it is kept and tried again")

    def flush(self) -> None:
        """Write what is counted. What cannot be written is kept and counted again later."""
        with self._writing:
            with self._lock:
                taken, self._tallies = self._tallies, {}
            if not taken:
                return
            try:
                write(taken)
            except DatabaseFailure:
                self._give_back(taken)
                raise

    def discard(self) -> None:
        """Forget what is not written yet."""
        with self._lock:
            self._tallies = {}

    def _give_back(self, taken: dict[UseKey, Tally]) -> None:
        with self._lock:
            for key, tally in taken.items():
                newer = self._tallies.get(key)
                if newer is not None:
                    tally.count += newer.count
                    tally.last_at = max(tally.last_at, newer.last_at)
                self._tallies[key] = tally


@transaction.atomic
def write(tallies: dict[UseKey, Tally]) -> None:
    """Add the sums to what is stored. Uses of identities that are gone are dropped with them."""
    named = Identity.objects.filter(pk__in={key.identity_id for key in tallies})
    existing = set(named.values_list("pk", flat=True))
    tallies = {key: tally for key, tally in tallies.items() if key.identity_id in existing}
    latest: dict[UUID, tuple[datetime, str]] = {}
    credentials: dict[UUID, datetime] = {}
    # In one order, so that two processes that write the same rows cannot lock each other out.
    for digest, key, tally in sorted((k.digest(), k, t) for k, t in tallies.items()):
        _add(digest, key, tally)
        if key.identity_id not in latest or latest[key.identity_id][0] < tally.last_at:
            latest[key.identity_id] = (tally.last_at, key.address)
        if key.credential_id is not None:
            known = credentials.get(key.credential_id, tally.last_at)
            credentials[key.credential_id] = max(known, tally.last_at)
    for identity_id, (at, address) in sorted(latest.items()):
        AccountUse.objects.bulk_create(
            [AccountUse(identity_id=identity_id, last_used_at=at, last_address=address)],
            ignore_conflicts=True,
        )
        AccountUse.objects.filter(pk=identity_id, last_used_at__lt=at).update(
            last_used_at=at, last_address=address
        )
    for credential_id, at in sorted(credentials.items()):
        Credential.objects.filter(
            Q(last_used_at=None) | Q(last_used_at__lt=at), pk=credential_id
        ).update(last_used_at=at)


def _add(digest: bytes, key: UseKey, tally: Tally) -> None:
    updated = DailyUse.objects.filter(key=digest).update(
        count=F("count") + tally.count, last_at=Greatest(F("last_at"), tally.last_at)
    )
    if updated:
        return
    row = DailyUse(
        key=digest,
        identity_id=key.identity_id,
        day=key.day,
        use=key.use,
        credential_id=key.credential_id,
        scopes=key.scopes,
        address=key.address,
        client=key.client,
        count=tally.count,
        first_at=tally.first_at,
        last_at=tally.last_at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        _add(digest, key, tally)  # another process made the row between the two statements


buffer = UseBuffer()
