"""Background calls that send mail."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tasks import task

from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.identities import queries, renewing
from accounts.jobs import actions as jobs
from accounts.jobs.kinds import JobKind
from accounts.jobs.run import Run
from console.mail import letters
from console.mail.delivery import Outcome, conversation, deliver

logger = logging.getLogger(__name__)

MAILS_A_RUN: Final = 20
"""Of the upkeep, which has other things to do each minute; more are a job of their own."""
MAILS_A_CONNECTION: Final = 100
"""Then the conversation with the server begins anew; some servers end a long one themselves."""
RENEWALS_A_RUN: Final = 10
"""Times `renewing.AT_ONCE`, in each run of the upkeep."""
KIND: Final = "mail.invitations"


class MailPostman:
    """Takes mail from the domain, which knows of no mail; registered when Steward starts."""

    def invitation(self, invitation_id: UUID) -> None:
        send_invitation.enqueue(str(invitation_id))

    def invitations(self) -> None:
        start_mailing()

    def notice(self, what: str, to: Sequence[str], facts: dict[str, str]) -> None:
        for address in to:
            send_notice.enqueue(what, address, facts)

    def many_notices(
        self, what: str, letters: Sequence[tuple[Sequence[str], dict[str, str]]]
    ) -> None:
        mails = [[address, facts] for to, facts in letters for address in to]
        for start in range(0, len(mails), MAILS_A_CONNECTION):
            send_notices.enqueue(what, mails[start : start + MAILS_A_CONNECTION])


@task()
def send_invitation(invitation_id: str) -> None:
    """Mail one invitation that is due. What fails is due again later: see `send_due`."""
    deliver(UUID(invitation_id))


def start_mailing() -> None:
    """Have all mailed that are due, by a job; if one is at it, it will come to these, too."""
    try:
        jobs.start(by=SYSTEM, kind=KIND, exclusive_key=KIND, at=timezone.now())
    except jobs.AlreadyRunning:
        return


class MailInvitations(JobKind):
    """Mails all invitations that are due, many in one conversation with the server.

    A worker that dies between a mail and its note sends that mail again, with a new link that
    ends the first: nobody is left without, and one link works.
    """

    label: str | Promise = gettext_lazy("Mail of invitations")
    permission: Permission | None = None

    def run(self, run: Run) -> Mapping[str, Any]:
        counted = dict.fromkeys(Outcome, 0)
        done, total = 0, queries.count_due_invitations(run.clock())
        run.phase(_("Mailing"), total=total)
        while due := queries.due_invitations(run.clock(), limit=MAILS_A_CONNECTION):
            with conversation() as connection:
                for invitation in due:
                    outcome = deliver(invitation.pk, connection)
                    counted[outcome] += 1
                    done += 1
                    run.progress(done, max(total, done))
                    if outcome == Outcome.UNREACHABLE:
                        return _result(counted)
        return _result(counted)


def _result(counted: Mapping[Outcome, int]) -> dict[str, int]:
    failed = counted[Outcome.FAILED] + counted[Outcome.UNREACHABLE]
    return {"sent": counted[Outcome.SENT], "failed": failed}


def send_due() -> None:
    """Mail what is due again after a failure, or was lost on the way to the worker; upkeep.

    A server that does not answer is asked once a run. Many mails become a job, once one went out.
    """
    due = queries.due_invitations(timezone.now(), limit=MAILS_A_RUN + 1)
    for number, invitation in enumerate(due):
        if number and len(due) > MAILS_A_RUN:
            start_mailing()
            return
        if deliver(invitation.pk) == Outcome.UNREACHABLE:
            return


def renew_due() -> None:
    """Send those again that went out by themselves and expired; upkeep."""
    for _number in range(RENEWALS_A_RUN):
        if renewing.renew_due(at=timezone.now()) < renewing.AT_ONCE:
            return


@task()
def send_notice(what: str, to: str, facts: dict[str, str]) -> None:
    letters.send_notice(what, to, facts)


@task()
def send_notices(what: str, mails: list[Any]) -> None:
    """Send the same notice to many; each mail is an address and its facts.

    One that is refused holds up none of the others.
    """
    with conversation() as connection:
        for address, facts in mails:
            try:
                letters.send_notice(what, address, facts, connection)
            except (
                OSError,
                ValueError,
            ):
                # as in `delivery.deliver`: the server's refusals, and headers that cannot be
                logger.exception("A notice was not mailed", extra={"notice": what})
                if connection is not None:
                    connection.close()
