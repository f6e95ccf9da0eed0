"""Tells whoever causes mail where it lies, if no mail server is set."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from console.ui.installation import keeps_mail


def outbox_url(request: HttpRequest) -> str:
    """The page of the mail that is kept; empty for whoever may not open it."""
    may_open = request.user.is_authenticated and may(request.user, Permission.OUTBOX_VIEW)
    return reverse("mail:outbox") if may_open and keeps_mail() else ""


def say_where_mail_is(request: HttpRequest) -> None:
    """Tell in a message that nothing is sent, where no mail server is set."""
    if not keeps_mail():
        return
    text = _("No mail server is set: the mail is in the {outbox}.")
    url, name = outbox_url(request), _("Outbox")
    outbox = format_html('<a href="{}">{}</a>', url, name) if url else name
    messages.info(request, format_html(text, outbox=outbox))
