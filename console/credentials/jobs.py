"""Background calls: mail to owners for whom a key waits."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from console.credentials import mail
from tokens.credentials import pickups, queries
from tokens.models import KeyPickup

MAILS_A_RUN = 20
"""Of the upkeep, which has other things to do each minute; each may wait for a dead server."""

logger = logging.getLogger(__name__)


def announce(pickup_id: UUID) -> None:
    """Have the mail sent as soon as the worker comes to it."""
    send_offer.enqueue(str(pickup_id))


@task()
def send_offer(pickup_id: str) -> None:
    """Send the mail of one offer, if it is open still and nobody sent it."""
    pickup = queries.unsent(timezone.now()).filter(pk=pickup_id).first()
    if pickup is not None:
        _send(pickup)


def send_waiting_offers() -> None:
    """Try again what failed or was lost on the way, with growing pauses; see `settings.UPKEEP`."""
    now = timezone.now()
    due = [p for p in queries.unsent(now) if pickups.next_attempt_at(p) <= now]
    for pickup in due[:MAILS_A_RUN]:
        _send(pickup)


def _send(pickup: KeyPickup) -> None:
    if not pickups.start_mail(pickup=pickup, at=timezone.now()):
        return
    try:
        mail.send(pickup)
    except OSError:
        logger.exception("Mail of a key offer was not taken", extra={"pickup": str(pickup.pk)})
        return
    pickups.note_mail_sent(pickup=pickup, at=timezone.now())
