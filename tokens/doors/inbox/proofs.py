"""Whether a webhook comes from whom it says: looked at before anything in it is believed."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from typing import Final

from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.mailersend import MailerSendInboundWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView
from django.http import QueryDict

MAKERS: Final[dict[str, Callable[[str], AnymailCoreWebhookView]]] = {
    # nothing but the secret that is given here: no setting of a process could stand in for it
    "mailgun": lambda secret: MailgunInboundWebhookView(
        webhook_signing_key=secret, webhook_secret=[]
    ),
    "mailersend": lambda secret: MailerSendInboundWebhookView(
        inbound_secret=secret, webhook_secret=[]
    ),
    "postmark": lambda secret: PostmarkInboundWebhookView(webhook_secret=[secret]),
}
"""Each checks the proof of its provider, and knows how it writes a mail."""


def is_of_twilio(*, url: str, form: QueryDict, signature: str, token: str) -> bool:
    """Whether Twilio signed this form for this address: HMAC-SHA1 over the address, then each
    field with its values, in the order of their names."""
    signed = url + "".join(
        f"{name}{value}" for name in sorted(form) for value in sorted(set(form.getlist(name)))
    )
    digest = hmac.digest(token.encode(), signed.encode("utf-8", "replace"), "sha1")
    expected = base64.b64encode(digest)
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
