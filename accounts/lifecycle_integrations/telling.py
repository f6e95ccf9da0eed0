"""The owner of an integration is told what waits for somebody, or failed: once each time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from accounts.letters import queue
from accounts.lifecycle_integrations.models import LifecycleLetter, LifecycleRun
from accounts.lifecycle_integrations.states import RunState

HELD: Final = "held"
FAILED: Final = "failed"
ENDED: Final = (RunState.DONE, RunState.FAILED)


def tell(run: LifecycleRun, occasion: str, *, at: datetime) -> None:
    """Write to the owner, in the transaction of what it tells of; not of each failure in a row."""
    owner = run.integration.owner
    before = LifecycleRun.objects.filter(integration=run.integration_id, state__in=ENDED)
    last = before.exclude(pk=run.pk).order_by("-finished_at", "-pk").first()
    is_known = occasion == FAILED and last is not None and last.state == RunState.FAILED
    if owner is not None and not is_known:
        LifecycleLetter.objects.create(
            recipient=owner, run=run, occasion=occasion, written_at=at, next_try_at=at
        )


def take(letter_id: int, *, at: datetime) -> LifecycleLetter | None:
    """A letter that is due, for whoever sends it; None where another has it, or it is needless."""
    return queue.take(
        LifecycleLetter,
        letter_id,
        at=at,
        related=("run__integration",),
        is_needless=lambda letter: letter.occasion == HELD and letter.run.state != RunState.HELD,
    )
