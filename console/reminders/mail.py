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
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.credentials.types.provisioning_token import PROVISIONING_TOKEN
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
    text = {
        KEY_PAIR: _("The key of “%(name)s” expires %(when)s"),
        PERSONAL_ACCESS_TOKEN: _("A personal access token of “%(name)s” expires %(when)s"),
        PROVISIONING_TOKEN: _("The provisioning token of “%(name)s” expires %(when)s"),
        "": _("The service account “%(name)s” ends %(when)s"),
    }[_kind(line)]
    return text % {"name": line.end.account.name, "when": in_days(line.days_left)}


def _kind(line: Line) -> str:
    """Of the credential that ends; empty where the account itself does."""
    return line.end.credential.kind if line.end.credential else ""


def in_days(days: int) -> str:
    if days < 1:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}


def _told(line: Line) -> dict[str, str]:
    account, credential = line.end.account, line.end.credential
    text = {
        KEY_PAIR: _("The key %(kid)s of “%(name)s” expires %(when)s, on %(at)s."),
        PROVISIONING_TOKEN: _(
            "The provisioning token of “%(name)s” expires %(when)s, on %(at)s: rotate it, and put "
            "the new one into the directory."
        ),
        PERSONAL_ACCESS_TOKEN: _(
            "The personal access token “%(kid)s” of “%(name)s” expires %(when)s, on %(at)s."
        ),
        "": _("The service account “%(name)s” ends %(when)s, on %(at)s."),
    }[_kind(line)]
    said = {
        "kid": str(credential or ""),
        "name": account.name,
        "when": in_days(line.days_left),
        "at": times.exact(line.end.ends_at),
    }
    page = {
        KEY_PAIR: "service_accounts:keys",
        PERSONAL_ACCESS_TOKEN: "service_accounts:tokens",
        PROVISIONING_TOKEN: "provisioning:detail",
        "": "service_accounts:detail",
    }[_kind(line)]
    return {"text": text % said, "link": _link(reverse(page, args=[account.pk]))}
