"""The mail that tells what ends soon. It holds links, and no secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.tenant.time_zone import time_zone
from console.ui import times
from tokens.models import Letter
from tokens.reminders.actions import Line

LISTED: Final = 100
"""Things told one by one; a longer list leads to the page that has them all."""


def send(letter: Letter, lines: Sequence[Line]) -> None:
    """Send it now.

    Raises:
        OSError: the mail server does not take it (smtplib's errors are of this class).
    """
    with timezone.override(time_zone()):
        context: dict[str, Any] = {
            "letter": letter,
            "lines": [_told(line) for line in lines[:LISTED]],
            "more": max(0, len(lines) - LISTED),
            "all_url": _link(reverse("service_accounts:list")) + "?expiring=30",
            "environment": settings.STEWARD_ENVIRONMENT,
        }
        body = render_to_string("reminders/mail/reminder.txt", context)
        subject = _subject(lines)
    EmailMessage(subject=subject, body=body.strip() + "\n", to=[letter.address]).send()


def _link(path: str) -> str:
    """From the settings alone: what a request calls our host must never reach a mail."""
    return f"{settings.STEWARD_PUBLIC_URL}{path}"


def _subject(lines: Sequence[Line]) -> str:
    if len(lines) > 1:
        text = ngettext(
            "%(count)d key or service account ends soon",
            "%(count)d keys and service accounts end soon",
            len(lines),
        )
        return text % {"count": len(lines)}
    (line,) = lines
    text = (
        _("The key of “%(name)s” expires %(when)s")
        if line.end.credential
        else _("The service account “%(name)s” ends %(when)s")
    )
    return text % {"name": line.end.account.name, "when": in_days(line.days_left)}


def in_days(days: int) -> str:
    if days < 1:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}


def _told(line: Line) -> dict[str, str]:
    account, key = line.end.account, line.end.credential
    text = (
        _("The key %(kid)s of “%(name)s” expires %(when)s, on %(at)s.")
        if key
        else _("The service account “%(name)s” ends %(when)s, on %(at)s.")
    )
    said = {
        "kid": key.key_id if key else "",
        "name": account.name,
        "when": in_days(line.days_left),
        "at": times.exact(line.end.ends_at),
    }
    page = "service_accounts:keys" if key else "service_accounts:detail"
    return {"text": text % said, "link": _link(reverse(page, args=[account.pk]))}
