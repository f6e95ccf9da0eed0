"""Mail by a template: plain text, one recipient each, and links from the settings alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext_lazy as _

from accounts.mail_templates import queries, texts
from accounts.mail_templates.kinds import Placeholder
from accounts.mail_templates.texts import Text
from accounts.models import Identity

PRODUCT: Final = "Steward"

COMMON: Final = (
    Placeholder("name", _("Whom the mail is for, such as Nina Novak"), "Nina Novak"),
    Placeholder("user_name", _("The name to sign in with"), "audit01"),
    Placeholder("product", _("The name of this product"), "Steward"),
    Placeholder("environment", _("The name of this environment"), "production"),
)
"""What every mail to an identity may say: the values are those of `values_of`."""


def absolute(path: str) -> str:
    """From the settings: what a request calls our host must never reach a mail."""
    return f"{settings.STEWARD_PUBLIC_URL}{path}"


def values_of(identity: Identity) -> dict[str, str]:
    """What every mail to an identity may say."""
    return {
        "name": identity.display_name,
        "user_name": identity.user_name,
        "product": PRODUCT,
        "environment": settings.STEWARD_ENVIRONMENT,
    }


def send(
    name: str, values: Mapping[str, str], to: str, connection: BaseEmailBackend | None = None
) -> None:
    """Send the mail of that name, as it is worded now.

    Raises:
        OSError: the mail server does not take it.
    """
    send_text(texts.render(queries.get(name).text, values), to, connection)


def send_text(text: Text, to: str, connection: BaseEmailBackend | None = None) -> None:
    """
    Raises:
        OSError: the mail server does not take it.
    """
    EmailMessage(subject=text.subject, body=text.body, to=[to], connection=connection).send()
