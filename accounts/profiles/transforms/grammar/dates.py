"""Dates by the name of their format, or by a pattern; all of them in UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from django.utils.translation import gettext as _

from accounts.profiles.transforms.grammar import date_pattern
from accounts.profiles.transforms.grammar.date_pattern import BadDatePattern, Unreadable
from accounts.profiles.transforms.values import shown

MAX_LENGTH: Final = 200
"""Characters of a text that may be a date."""

NOW: Final = "now"

JAVA_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
WIN32_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)

GENERALIZED: Final = re.compile(
    r"(?P<date>[0-9]{8})(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})?(?P<second>[0-9]{2})?"
    r"(?:[.,](?P<part>[0-9]{0,9}))?(?P<zone>Z|[+-][0-9]{2}(?:[0-9]{2})?)?"
)
"""LDAP's Generalized Time (RFC 4517 section 3.3.13); a point without digits is let in too."""

Read: TypeAlias = Callable[[str, datetime], datetime]
"""Takes a text, and now for years of two digits; raises Unreadable."""

Write: TypeAlias = Callable[[datetime], str]

__all__ = ["BadDatePattern", "Unreadable", "reader_of", "write_iso", "writer_of"]


def reader_of(name: str) -> Read:
    """How to read dates of a format, by its name or pattern.

    Raises:
        BadDatePattern: neither a name nor a pattern.
    """
    named = READERS.get(name.upper())
    if named:
        return lambda text, _now: named(_short(text))
    read = date_pattern.Reader(name).read
    return lambda text, now: read(_short(text), now)


def writer_of(name: str) -> Write:
    """How to write dates in a format, by its name or pattern.

    Raises:
        BadDatePattern: neither a name nor a pattern.
    """
    named = WRITERS.get(name.upper())
    if named:
        return named
    parts = date_pattern.compile_pattern(name, reading=False)
    return lambda moment: date_pattern.write(parts, moment)


def read_iso(text: str) -> datetime:
    """A date of ISO 8601, with or without time and zone.

    Raises:
        Unreadable: it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        message = _(
            "“%(text)s” is no date of ISO 8601 (2030-12-31T23:59:59.000Z): bring it into that "
            "form with dateFormat."
        )
        raise Unreadable(message % {"text": shown(text)}) from None


def write_iso(moment: datetime) -> str:
    milliseconds = moment.microsecond // 1000
    return f"{moment.year:04}{moment:-%m-%dT%H:%M:%S}.{milliseconds:03}Z"


def _short(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise Unreadable(_("“%(text)s” is too long for a date.") % {"text": shown(text)})
    return text.strip()


def _since(start: datetime, text: str, microseconds: Callable[[int], int]) -> datetime:
    if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII):
        raise Unreadable(_("“%(text)s” is no count of time: digits only.") % {"text": shown(text)})
    try:
        return start + timedelta(microseconds=microseconds(int(text)))
    except OverflowError:
        message = _("“%(text)s” lies outside of the years 1 to 9999; it often stands for never.")
        raise Unreadable(message % {"text": shown(text)}) from None


def _read_ldap(text: str) -> datetime:
    match = GENERALIZED.fullmatch(text)
    if match is None:
        message = _("“%(text)s” is no date of LDAP (20301231235959.0Z).")
        raise Unreadable(message % {"text": shown(text)})
    fraction = (match["part"] or "").ljust(6, "0")[:6]
    unit = 1 if match["second"] else 60 if match["minute"] else 3600
    clock = match["hour"] + (match["minute"] or "00") + (match["second"] or "00")
    moment = read_iso(f"{match['date']}T{clock}{match['zone'] or 'Z'}")
    try:
        return moment + timedelta(microseconds=int(fraction) * unit)
    except OverflowError:
        raise Unreadable(_("There is no such date: “%(text)s”.") % {"text": shown(text)}) from None


def _ticks(moment: datetime, start: datetime) -> int:
    """Microseconds, exactly: `total_seconds` would round."""
    return (moment - start) // timedelta(microseconds=1)


PEOPLE_SOFT: Final = "MM/dd/yyyy"

_read_people_soft = date_pattern.Reader(PEOPLE_SOFT).read
_people_soft = date_pattern.compile_pattern(PEOPLE_SOFT, reading=False)

READERS: Final[dict[str, Callable[[str], datetime]]] = {
    "ISO8601": read_iso,
    "LDAP": _read_ldap,
    "PEOPLE_SOFT": lambda text: _read_people_soft(text, JAVA_EPOCH),
    "EPOCH_TIME_JAVA": lambda text: _since(JAVA_EPOCH, text, lambda count: count * 1000),
    "EPOCH_TIME_WIN32": lambda text: _since(WIN32_EPOCH, text, lambda count: count // 10),
}

WRITERS: Final[dict[str, Write]] = {
    "ISO8601": write_iso,
    "LDAP": lambda moment: f"{moment.year:04}{moment:%m%d%H%M%S}.{moment.microsecond // 100000}Z",
    "PEOPLE_SOFT": lambda moment: date_pattern.write(_people_soft, moment),
    "EPOCH_TIME_JAVA": lambda moment: str(_ticks(moment, JAVA_EPOCH) // 1000),
    "EPOCH_TIME_WIN32": lambda moment: str(_ticks(moment, WIN32_EPOCH) * 10),
}
