"""Background calls: reminders are mailed."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from console.reminders import mail
from tokens.models import Letter
from tokens.reminders import actions

MAILS_A_RUN = 20
"""Of the upkeep, which has other things to do each minute; each may wait for a dead server."""

logger = logging.getLogger(__name__)


def carry(letter_id: UUID) -> None:
    """Have a letter sent as soon as the worker comes to it."""
    send.enqueue(str(letter_id))


@task()
def send(letter_id: str) -> None:
    """Mail one letter that is due. What fails is due again later: see `send_due`."""
    taken = actions.take(UUID(letter_id), at=timezone.now())
    if taken is None:
        return
    letter, lines = taken
    try:
        mail.send(letter, lines)
    except OSError as error:
        logger.exception("A reminder was not mailed", extra={"letter": letter_id})
        actions.note_not_sent(letter, reason=str(error), at=timezone.now())
    else:
        actions.note_sent(letter, lines, at=timezone.now())


def send_due() -> None:
    """Mail what is due again after a failure, or was lost on the way to the worker; upkeep."""
    due = Letter.objects.due_at(timezone.now()).order_by("next_try_at", "pk")
    for letter_id in due.values_list("pk", flat=True)[:MAILS_A_RUN]:
        send.call(str(letter_id))
