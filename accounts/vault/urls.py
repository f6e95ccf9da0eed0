"""Addresses that people type and others click."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.vault.models import URL_MAX_LENGTH

SCHEMES: Final = ("http", "https")


class BadUrl(DomainError):
    """No address of a page, or one that would do something else when it is clicked."""

    code = "bad_url"


def clean_url(text: str, *, field: str) -> str:
    """An absolute address of the web without a password in it; empty stays empty.

    Raises:
        BadUrl, BadText
    """
    text = clean_text(text, max_length=URL_MAX_LENGTH, multiline=False, field=field)
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or any(c.isspace() for c in text):
        raise BadUrl(_("Type an address such as https://example.com/login."), field=field)
    if parts.username or parts.password:
        raise BadUrl(_("Leave user name and password out of the address."), field=field)
    return text
