"""A mail as text: what it says, who says to have sent it, and what was attached. Nothing in it is
carried out, loaded or kept but that."""

from __future__ import annotations

import email
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Parsed
from email.utils import parseaddr
from html.parser import HTMLParser
from time import monotonic
from typing import Final

from django.utils.translation import gettext as _

from accounts.audit.plain import one_line
from accounts.lib.errors import DomainError
from accounts.lib.names import BIDIRECTIONAL

LONGEST_TEXT: Final = 50_000
"""Characters of a message that are kept."""
LONGEST_HTML: Final = 400_000
"""Characters of it that are looked at."""
LONGEST_LINE: Final = 200
"""Characters of a sender, a subject or the name of a file."""
LONGEST_HEADER: Final = 8 * 1024
"""Bytes of one header: the library takes the square of that to decode what is encoded in it."""
MOST_BOUNDARIES: Final = 40
"""The library holds each line against every boundary that is open."""
HTML_SECONDS: Final = 2.0
"""For all pages of a mail: unfinished tags cost the square of their number."""
MOST_PARTS: Final = 100
MOST_ATTACHMENTS: Final = 20

OWN_MARK: Final = "X-Steward-Copy"
"""On what we forward: no copy is made of it, wherever it arrives."""


class Unreadable(DomainError):
    """This is no mail that anybody could read."""

    code = "unreadable_mail"

    def __init__(self) -> None:
        super().__init__(_("This mail cannot be read."))


@dataclass(frozen=True)
class Attachment:
    """What was attached, and is not kept."""

    name: str
    size_bytes: int


@dataclass(frozen=True)
class Read:
    """A message, as it is kept."""

    sender: str
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""
    is_automatic: bool = False
    """Whether it answers by itself, or was forwarded from here: such goes round in circles."""
    is_cut: bool = False


def mail(raw: bytes) -> Read:
    """
    Raises:
        Unreadable
    """
    try:
        return _read(_parsed(raw))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # the standard library promises nothing about mail that was made to break it
        raise Unreadable from error


def guard(raw: bytes) -> None:
    """Refuse what others would read for minutes, before they do.

    Raises:
        Unreadable
    """
    _parsed(raw)


class _Bounded(policy.Compat32):
    """As the library reads mail, but for headers without end."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        if sum(map(len, sourcelines)) > LONGEST_HEADER:
            raise Unreadable
        return super().header_source_parse(sourcelines)


def _parsed(raw: bytes) -> Parsed:
    if raw.lower().count(b"boundary") > MOST_BOUNDARIES:
        raise Unreadable
    return email.message_from_bytes(raw, policy=_Bounded())


def sms(*, sender: str, text: str) -> Read:
    return Read(sender=one_line(sender, LONGEST_LINE), subject="", text=plain(text)[:LONGEST_TEXT])


def plain(text: str) -> str:
    """A text without control characters, and none that turn its direction; lines stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        c
        for c in text
        if c in "\n\t" or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in BIDIRECTIONAL)
    )
    return re.sub(r"\n{4,}", "\n\n\n", kept).strip()


def _read(parsed: Parsed) -> Read:
    texts: list[str] = []
    pages: list[str] = []
    attachments: list[Attachment] = []
    for count, part in enumerate(_parts(parsed)):
        if count >= MOST_PARTS:
            break
        kind, file_name = part.get_content_type(), part.get_filename()
        if file_name or part.get_content_disposition() == "attachment":
            attachments.append(_attachment(part, file_name or ""))
        elif kind == "text/plain":
            texts.append(_decoded(part))
        elif kind == "text/html":
            pages.append(_decoded(part))
        else:
            attachments.append(_attachment(part, kind))
    until = monotonic() + HTML_SECONDS
    said = plain(_enough(texts)) or plain(_enough([of_html(page, until=until) for page in pages]))
    return Read(
        sender=_header(parsed, "From"),
        subject=_header(parsed, "Subject"),
        text=said[:LONGEST_TEXT],
        attachments=tuple(attachments[:MOST_ATTACHMENTS]),
        message_id=_header(parsed, "Message-ID"),
        is_automatic=_is_automatic(parsed),
        is_cut=len(said) > LONGEST_TEXT,
    )


def _enough(texts: list[str]) -> str:
    """More than is kept, so that it shows that something was cut; not all that could be sent."""
    return "\n\n".join(texts)[: 2 * LONGEST_TEXT]


def _parts(parsed: Parsed) -> Iterator[Parsed]:
    for part in parsed.walk():
        if not part.is_multipart():
            yield part


def _attachment(part: Parsed, name: str) -> Attachment:
    content = part.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    return Attachment(one_line(_unfolded(name), LONGEST_LINE) or _("Without a name"), size)


def _decoded(part: Parsed) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = str(part.get_content_charset() or "utf-8")
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _header(parsed: Parsed, name: str) -> str:
    return one_line(_unfolded(str(parsed.get(name, ""))), LONGEST_LINE)


def _unfolded(text: str) -> str:
    """A header in letters that people read, where it is encoded as it should be."""
    try:
        return str(make_header(decode_header(text[:LONGEST_HEADER])))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _is_automatic(parsed: Parsed) -> bool:
    """RFC 3834 section 5; what services send is automatic as well, answers alone go in circles."""
    said = str(parsed.get("Auto-Submitted", "")).strip().lower()
    _name, sender = parseaddr(str(parsed.get("From", "")))
    is_bounce = sender.lower().startswith("mailer-daemon@")
    return said.startswith("auto-replied") or is_bounce or parsed.get(OWN_MARK) is not None


BLOCKS: Final = frozenset(
    {
        *("p", "div", "br", "tr", "li", "ul", "ol", "table", "section", "article", "header"),
        *("footer", "blockquote", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6"),
    }
)
UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript"})


class _Text(HTMLParser):
    """Collects what a page says; of its links, where they lead."""

    def __init__(self, until: float) -> None:
        super().__init__(convert_charrefs=True)
        self._until = until
        self.found: list[str] = []
        self._unseen = 0
        self._links: list[str] = []

    def parse_starttag(self, i: int) -> int:
        if monotonic() > self._until:
            raise Unreadable
        return super().parse_starttag(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "body":
            self._unseen = 0  # a head that nobody closed ends here
        elif tag in BLOCKS:
            self.found.append("\n")
        elif tag in {"td", "th"}:
            self.found.append(" ")
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in BLOCKS:
            self.found.append("\n")
        elif tag == "a" and self._links:
            link = self._links.pop()
            if link.lower().startswith(("http://", "https://")):
                self.found.append(f" ({link}) ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.found.append(re.sub(r"\s+", " ", data))


def of_html(page: str, *, until: float) -> str:
    """What a page says, without what it would load or do.

    Raises:
        Unreadable: it is not read by `until`, of the monotonic clock.
    """
    reader = _Text(until)
    reader.feed(page[:LONGEST_HTML])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
