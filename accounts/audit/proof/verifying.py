"""The log is read again and held against its checkpoints, event by event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.models import Event
from accounts.audit.proof import actions, marks
from accounts.audit.proof.exported import Exported
from accounts.audit.proof.marks import MARK_BYTES, Range
from accounts.audit.proof.models import AuditCheckpoint, AuditGap, AuditKey
from accounts.sealing import SealBroken

MOST_FAULTS: Final = 20
"""Where there are more, nobody reads on: the log is not what was written."""


@dataclass
class Verdict:
    """What a verification found. `waiting` events have no checkpoint yet."""

    checkpoints: int = 0
    events: int = 0
    waiting: int = 0
    faults: list[str] = field(default_factory=list)

    def as_result(self) -> dict[str, Any]:
        return {
            "checkpoints": self.checkpoints,
            "events": self.events,
            "waiting": self.waiting,
            "faults": self.faults,
        }


class _Enough(Exception):
    """So many faults were found that the rest does not matter."""


class _Verification:
    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self.verdict = Verdict()
        self._progress = progress
        self._secrets: dict[int, bytes | None] = {}
        self._sealed: list[Range] = []
        self._digests: dict[int, str] = {}

    def run(self, known: Exported | None) -> None:
        total = Event.objects.count()
        previous: AuditCheckpoint | None = None
        for checkpoint in AuditCheckpoint.objects.order_by("number").iterator(chunk_size=20):
            self._link(checkpoint, previous)
            self._events(checkpoint)
            self.verdict.checkpoints += 1
            self._digests[checkpoint.number] = checkpoint.digest
            self._progress(self.verdict.events, total)
            previous = checkpoint
        last = previous.last_id if previous else 0
        self._strangers(last)
        self.verdict.waiting = Event.objects.filter(pk__gt=last).count()
        if known is not None:
            self._known(known)

    def _fault(self, text: str) -> None:
        self.verdict.faults.append(text)
        if len(self.verdict.faults) >= MOST_FAULTS:
            raise _Enough

    def _link(self, checkpoint: AuditCheckpoint, previous: AuditCheckpoint | None) -> None:
        number, named = checkpoint.number, {"number": checkpoint.number}
        if number != (previous.number + 1 if previous else 1):
            self._fault(_("Before checkpoint %(number)s one is missing.") % named)
        elif checkpoint.previous != (previous.digest if previous else ""):
            self._fault(_("Checkpoint %(number)s does not follow the one before it.") % named)
        if actions.digest_of(checkpoint) != checkpoint.digest:
            self._fault(_("Checkpoint %(number)s itself was changed.") % named)
        secret = self._secret(checkpoint.made_with_id)
        if secret is None:
            self._fault(
                _("The secret that checkpoint %(number)s was made with does not open here.") % named
            )
        elif actions.mac_of(checkpoint.digest, secret) != checkpoint.mac:
            self._fault(_("Checkpoint %(number)s was not made by Steward.") % named)

    def _secret(self, key_id: int) -> bytes | None:
        if key_id not in self._secrets:
            try:
                self._secrets[key_id] = actions.secret_of(AuditKey.objects.get(pk=key_id))
            except SealBroken:
                self._secrets[key_id] = None
        return self._secrets[key_id]

    def _events(self, checkpoint: AuditCheckpoint) -> None:
        ranges = [(int(first), int(last)) for first, last in checkpoint.ranges]
        self._sealed += ranges
        kept = bytes(checkpoint.marks)
        rows = marks.rows_in(ranges)
        row = next(rows, None)
        for position, number in enumerate(_ids(ranges)):
            mark = kept[position * MARK_BYTES : (position + 1) * MARK_BYTES]
            if row is None or row[0] != number:
                self._fault(_("Event %(number)s is gone.") % {"number": number})
                continue
            if marks.of_row(row) != mark:
                self._fault(_("Event %(number)s was changed.") % {"number": number})
            self.verdict.events += 1
            row = next(rows, None)

    def _strangers(self, last: int) -> None:
        """Events that no checkpoint knows, among those that all of them passed."""
        settled = actions.settled_id(timezone.now())
        waited_for = AuditGap.objects.filter(first_id__gt=settled).values_list(
            "first_id", "last_id"
        )
        known = sorted([*self._sealed, *waited_for])
        reached = 0
        for first, end in [*known, (last + 1, last + 1)]:
            if first > reached + 1:
                added = Event.objects.filter(pk__gt=reached, pk__lt=first, pk__lte=last)
                for number in added.order_by("pk").values_list("pk", flat=True)[:MOST_FAULTS]:
                    self._fault(_("Event %(number)s was added afterwards.") % {"number": number})
            reached = max(reached, end)

    def _known(self, known: Exported) -> None:
        named = {"number": known.number}
        if known.number not in self._digests:
            self._fault(
                _("Checkpoint %(number)s, which was kept outside, is gone: the log was cut.")
                % named
            )
        elif self._digests[known.number] != known.digest:
            self._fault(
                _(
                    "Checkpoint %(number)s is another one than was kept outside: the log was "
                    "rewritten."
                )
                % named
            )


def _ids(ranges: list[Range]) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def verify(
    *, known: Exported | None = None, progress: Callable[[int, int], None] = lambda *_: None
) -> Verdict:
    """Hold every event against its checkpoint, and the checkpoints against each other.

    `progress` is told how many events were looked at, and how many there are. `known` is a
    checkpoint that was kept outside of the installation.
    """
    verification = _Verification(progress)
    try:
        verification.run(known)
    except _Enough:
        verification.verdict.faults.append(_("There may be more."))
    return verification.verdict
