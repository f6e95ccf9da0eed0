"""Background calls that send mail."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from accounts.identities import invitations, queries
from console.mail import letters

MAILS_A_RUN = 20
"""Of the upkeep, which has other things to do each minute; each may wait for a dead server."""

logger = logging.getLogger(__name__)


class MailPostman:
    """Takes mail from the domain, which knows of no mail; registered when Steward starts."""

    def invitation(self, invitation_id: UUID) -> None:
        send_invitation.enqueue(str(invitation_id))

    def notice(self, what: str, to: Sequence[str], facts: dict[str, str]) -> None:
        for address in to:
            send_notice.enqueue(what, address, facts)


@task()
def send_invitation(invitation_id: str) -> None:
    """Mail one invitation that is due. What fails is due again later: see `send_due`."""
    mailing = invitations.take_for_mailing(UUID(invitation_id), at=timezone.now())
    if mailing is None:
        return
    try:
        letters.send_invitation(mailing)
    except OSError as error:
        logger.exception("An invitation was not mailed", extra={"invitation": invitation_id})
        invitations.note_not_sent(mailing.invitation, reason=str(error), at=timezone.now())
    else:
        invitations.note_sent(mailing.invitation, at=timezone.now())


def send_due() -> None:
    """Mail what is due again after a failure, or was lost on the way to the worker; upkeep."""
    for invitation in queries.due_invitations(timezone.now(), limit=MAILS_A_RUN):
        send_invitation.call(str(invitation.pk))


@task()
def send_notice(what: str, to: str, facts: dict[str, str]) -> None:
    letters.send_notice(what, to, facts)
