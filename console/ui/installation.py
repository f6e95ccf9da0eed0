"""What differs between installations and shows on pages."""

from __future__ import annotations

from typing import Final

from django.conf import settings

FILE_BACKEND: Final = "django.core.mail.backends.filebased.EmailBackend"


def keeps_mail() -> bool:
    """Whether mail goes to files instead of a mail server, so that there is an outbox."""
    return bool(settings.EMAIL_BACKEND == FILE_BACKEND)
