"""The providers that bring messages by a webhook: what each calls its secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.inbox.models import MessageKind


@dataclass(frozen=True)
class Provider:
    """Somebody whose webhook brings messages."""

    name: str
    label: str
    kind: MessageKind
    secret_label: str | Promise
    help_text: str | Promise


PROVIDERS: Final[dict[str, Provider]] = {
    each.name: each
    for each in (
        Provider(
            "mailgun",
            "Mailgun",
            MessageKind.MAIL,
            _("HTTP webhook signing key"),
            _("Have a route forward to this address."),
        ),
        Provider(
            "mailersend",
            "MailerSend",
            MessageKind.MAIL,
            _("Inbound route signing secret"),
            _("Forward an inbound route to this address."),
        ),
        Provider(
            "postmark",
            "Postmark",
            MessageKind.MAIL,
            _("User and password of the webhook, as user:password"),
            _("Postmark signs nothing: put user and password before the host of this address."),
        ),
        Provider(
            "twilio",
            "Twilio",
            MessageKind.SMS,
            _("Auth token"),
            _("Have messages of each number posted to this address."),
        ),
    )
}
