"""Handing one invitation to the mail server, and what its answer means."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from uuid import UUID

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts.identities import invitations
from console.mail import letters

logger = logging.getLogger(__name__)


class Outcome(Enum):
    NOTHING_TO_DO = "nothing_to_do"
    SENT = "sent"
    FAILED = "failed"
    """This mail; the next one may well be taken."""
    UNREACHABLE = "unreachable"
    """The server; the next mail would wait for it in vain."""


@contextmanager
def conversation() -> Iterator[BaseEmailBackend | None]:
    """One for many mails; None where the server does not answer: the first mail will tell why."""
    connection = get_connection()
    try:
        connection.open()
    except OSError:
        yield None
        return
    try:
        yield connection
    finally:
        connection.close()


def deliver(invitation_id: UUID, connection: BaseEmailBackend | None = None) -> Outcome:
    """Mail an invitation that is due. What fails is noted, and due again later."""
    mailing = invitations.take_for_mailing(invitation_id, at=timezone.now())
    if mailing is None:
        return Outcome.NOTHING_TO_DO
    try:
        letters.send_invitation(mailing, connection)
    except (
        OSError,
        ValueError,
    ) as error:
        # smtplib's errors are of the first class, a header that cannot be is of the second
        logger.exception("An invitation was not mailed", extra={"invitation": str(invitation_id)})
        if connection is not None:
            connection.close()  # whatever state the conversation is in, the next begins anew
        invitations.note_not_sent(
            mailing.invitation,
            reason=reason_of(error),
            for_good=is_for_good(error),
            at=timezone.now(),
        )
        return Outcome.FAILED if is_about_the_mail(error) else Outcome.UNREACHABLE
    invitations.note_sent(mailing.invitation, at=timezone.now())
    return Outcome.SENT


def is_about_the_mail(error: Exception) -> bool:
    """Whether this mail was refused, not the conversation."""
    refusals = (
        smtplib.SMTPRecipientsRefused,
        smtplib.SMTPDataError,
        smtplib.SMTPNotSupportedError,
        ValueError,
    )
    return isinstance(error, refusals)


def is_for_good(error: Exception) -> bool:
    """Whether the server said that trying again is of no use (5xx, RFC 5321 section 4.2.1).

    A refusal of our own name or password is not meant: an administrator can mend that.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return bool(error.smtp_code >= 500)
    return isinstance(error, ValueError | smtplib.SMTPNotSupportedError)


def reason_of(error: Exception) -> str:
    """What the server said, as people can read it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(_answer(code, text) for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return str(error)


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {said}"
