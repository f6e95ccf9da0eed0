"""Mail kept as files, where no mail server is set: for somebody who tries Steward out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
SEPARATOR = b"-" * 79
"""What the backend writes below each mail of a file."""
SHOWN = 50
LARGEST = 256 * 1024
"""Bytes of a file that are read; no mail of ours comes near."""


@dataclass(frozen=True)
class Letter:
    """One mail as it would have been sent."""

    sender: str
    to: str
    subject: str
    text: str
    at: datetime | None
    links: tuple[str, ...]
    """The addresses in the text that lead to our own pages."""


def is_kept() -> bool:
    """Whether mail goes to files, so that there is an outbox to look at."""
    return settings.EMAIL_BACKEND == FILE_BACKEND


def letters(*, limit: int = SHOWN) -> list[Letter]:
    """The newest letters first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    newest_first = sorted(folder.glob("*.log"), key=lambda file: file.name, reverse=True)
    found: list[Letter] = []
    for file in newest_first[:limit]:
        found += reversed(_letters_in(file))
    return found[:limit]


def _letters_in(file: Path) -> list[Letter]:
    with file.open("rb") as opened:
        content = opened.read(LARGEST)
    parts = content.replace(b"\r\n", b"\n").split(b"\n" + SEPARATOR + b"\n")
    return [_letter(part) for part in parts if part.strip()]


def _letter(content: bytes) -> Letter:
    message = message_from_bytes(content.lstrip(b"\n"), policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    text = body.get_content().strip() if body else ""
    base = f"{settings.STEWARD_PUBLIC_URL}/"
    return Letter(
        sender=str(message.get("From", "")),
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=text,
        at=_sent_at(message),
        links=tuple(word for word in text.split() if word.startswith(base)),
    )


def _sent_at(message: EmailMessage) -> datetime | None:
    """When it was sent. A zone of `-0000` means UTC (RFC 5322 section 3.3), and parses as none."""
    if not message["Date"]:
        return None
    at = parsedate_to_datetime(message["Date"])
    return at if at.tzinfo else at.replace(tzinfo=UTC)
