from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError

EMAIL_MAX_LENGTH = 254
"""Characters (RFC 5321 section 4.5.3.1.3, less the angle brackets)."""


class BadEmail(DomainError):
    """A text that is no e-mail address that mail could safely be sent to."""

    code = "bad_email"

    def __init__(self) -> None:
        message = _("Type an e-mail address, such as name@example.com, in plain letters.")
        super().__init__(message=message, field="email")


def clean_email(value: str) -> str:
    """One e-mail address in the form in which it is stored; empty stays empty.

    The part before the @ is ASCII without quotes: a look-alike letter would lead mail astray,
    and what can stand between quotes is nothing that a header should hold.

    Raises:
        BadEmail: it is none, or too long.
    """
    text = value.strip(" ")
    if not text:
        return ""
    local, _at, domain = text.rpartition("@")
    if len(text) > EMAIL_MAX_LENGTH or not local.isascii() or '"' in local:
        raise BadEmail
    try:
        validate_email(text)
        punycode(domain)  # as it is done when mail is sent
    except (ValidationError, UnicodeError) as error:
        raise BadEmail from error
    return f"{local}@{domain.lower()}"
