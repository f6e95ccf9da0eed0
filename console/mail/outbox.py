"""Mail kept as files, where no mail server is set: for somebody who tries Steward out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from django.conf import settings

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
    is_hidden: bool = False
    """That its text is not for whoever looks."""

    def hidden(self) -> Letter:
        """What may be told of it to whoever may do less than the person it is for."""
        return replace(self, text="", links=(), is_hidden=True)


def letters(*, limit: int = SHOWN) -> list[Letter]:
    """The newest letters first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    files = [file for file in folder.glob("*.log") if file.is_file()]
    found: list[Letter] = []
    for file in sorted(files, key=lambda file: file.name, reverse=True)[:limit]:
        found += reversed(_letters_in(file))
    return found[:limit]


def readable(found: list[Letter], *, above: Collection[str]) -> list[Letter]:
    """The letters without what they say to the addresses `above`: a link in one sets a password."""
    shut = {address.casefold() for address in above}
    return [
        letter.hidden()
        if any(address.casefold() in shut for _name, address in getaddresses([letter.to]))
        else letter
        for letter in found
    ]


def _letters_in(file: Path) -> list[Letter]:
    with file.open("rb") as opened:
        content = opened.read(LARGEST)
    parts = content.replace(b"\r\n", b"\n").split(b"\n" + SEPARATOR + b"\n")
    return [_letter(part) for part in parts if part.strip()]


def _letter(content: bytes) -> Letter:
    """What can be read of a mail; whatever else lies in the folder must not break the page."""
    message = message_from_bytes(content.lstrip(b"\n"), policy=policy.default)
    assert isinstance(message, EmailMessage)
    text = _text_of(message)
    base = f"{settings.STEWARD_PUBLIC_URL}/"
    return Letter(
        sender=str(message.get("From", "")),
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=text,
        at=_sent_at(message),
        links=tuple(word for word in text.split() if word.startswith(base)),
    )


def _text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    content = body.get_payload(decode=True) if body else b""
    if not isinstance(content, bytes):
        return ""
    # Django writes no other; a character set that nobody knows would be an error
    return content.decode("utf-8", errors="replace").strip()


def _sent_at(message: EmailMessage) -> datetime | None:
    at: datetime | None = getattr(message["Date"], "datetime", None)
    if at is None:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)  # "-0000" is UTC (RFC 5322 section 3.3)
