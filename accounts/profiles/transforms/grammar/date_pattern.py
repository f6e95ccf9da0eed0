"""Dates by a pattern of Java's SimpleDateFormat, written and read in English and in UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from accounts.profiles.transforms.values import shown

MAX_LENGTH: Final = 100
"""Characters of a pattern."""

MAX_REPEAT: Final = 20
"""The same letter in a row."""

MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

TOKEN: Final = re.compile(r"''|'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", re.DOTALL)

ZONES: Final = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0} | {
    f"{region}{kind}T": hours + (kind == "D")
    for region, hours in {"E": -5, "C": -6, "M": -7, "P": -8}.items()
    for kind in "SD"
}
"""Names of time zones by their hours from UTC (RFC 822 section 5.1)."""

ZONE: Final = (
    r"(?i:(?:GMT|UTC)?[+-][0-9]{1,2}:?(?:[0-9]{2})?|"
    rf"{'|'.join(sorted(ZONES, key=len, reverse=True))})"
)

WORDS: Final = {
    letter: {
        word: number
        for number, name in enumerate(names, start=1)
        for word in (name.lower(), name.lower()[:3])
    }
    for letter, names in (("M", MONTHS), ("E", DAYS))
}
"""Months and days by their names, whole and in three letters."""

READABLE: Final = frozenset("GyYMLdDEuaHkKhmsSzZX")
WRITABLE: Final = READABLE | frozenset("wWF")


class BadDatePattern(ValueError):
    """No such pattern; the message says why, and is translated."""


class Unreadable(ValueError):
    """A text that is not of the pattern's form, or no date; the message says why, translated."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of one letter, or (letter "") plain text."""

    letter: str
    count: int
    text: str = ""


def compile_pattern(source: str, *, reading: bool) -> tuple[Part, ...]:
    """The parts of a pattern that is to be read, or written.

    Raises:
        BadDatePattern: a letter has no meaning, or none in that direction.
    """
    if not source.strip():
        raise BadDatePattern(_("Write a date format, as yyyy-MM-dd or ISO8601."))
    if len(source) > MAX_LENGTH:
        raise BadDatePattern(
            _("Shorten the date format to %(most)d characters.") % {"most": MAX_LENGTH}
        )
    parts = []
    position = 0
    while position < len(source):
        match = TOKEN.match(source, position)
        if match is None:
            raise BadDatePattern(_("Close the quote (') in the date format."))
        position = match.end()
        letter = match[2]
        if not letter:
            quoted = match.group() if match[1] is None else match[1].replace("''", "'")
            parts.append(Part("", 0, "'" if match.group() == "''" else quoted))
            continue
        if letter not in (READABLE if reading else WRITABLE):
            raise BadDatePattern(
                _(
                    "“%(letter)s” stands for nothing in a date format here: use %(known)s, and "
                    "quote words ('T')."
                )
                % {"letter": letter, "known": " ".join(sorted(READABLE if reading else WRITABLE))}
            )
        if len(match.group()) > MAX_REPEAT:
            raise BadDatePattern(
                _("Repeat a letter at most %(most)d times.") % {"most": MAX_REPEAT}
            )
        parts.append(Part(letter, len(match.group())))
    return tuple(parts)


def write(parts: tuple[Part, ...], moment: datetime) -> str:
    """The moment, which is in UTC, in the form of a pattern."""
    return "".join(
        part.text or WRITERS[part.letter](moment, part.count)
        for part in parts
        if part.text or part.letter
    )


def _number(value: int, count: int) -> str:
    return str(value).zfill(count)


def _year(year: int, count: int) -> str:
    return _number(year % 100, 2) if count == 2 else _number(year, count)


def _month(moment: datetime, count: int) -> str:
    if count < 3:
        return _number(moment.month, count)
    name = MONTHS[moment.month - 1]
    return name if count > 3 else name[:3]


def _day_name(moment: datetime, count: int) -> str:
    name = DAYS[moment.weekday()]
    return name if count > 3 else name[:3]


def _week(moment: datetime) -> tuple[int, int]:
    """Year and week as in the USA: weeks begin on Sunday, the one with 1 January is the first."""
    saturday = moment.toordinal() + (5 - moment.weekday()) % 7
    last_day = date.fromordinal(min(saturday, date.max.toordinal()))
    first = datetime(last_day.year, 1, 1, tzinfo=UTC)
    first_sunday = first.toordinal() - (first.weekday() + 1) % 7
    return last_day.year, (moment.toordinal() - first_sunday) // 7 + 1


def _week_of_month(moment: datetime) -> int:
    first = moment.replace(day=1)
    return (moment.day - 1 + (first.weekday() + 1) % 7) // 7 + 1


WRITERS: Final[dict[str, Callable[[datetime, int], str]]] = {
    "G": lambda _m, _n: "AD",
    "y": lambda m, n: _year(m.year, n),
    "Y": lambda m, n: _year(_week(m)[0], n),
    "M": _month,
    "L": _month,
    "w": lambda m, n: _number(_week(m)[1], n),
    "W": lambda m, n: _number(_week_of_month(m), n),
    "D": lambda m, n: _number(m.timetuple().tm_yday, n),
    "d": lambda m, n: _number(m.day, n),
    "F": lambda m, n: _number((m.day - 1) // 7 + 1, n),
    "E": _day_name,
    "u": lambda m, n: _number(m.isoweekday(), n),
    "a": lambda m, _n: "AM" if m.hour < 12 else "PM",
    "H": lambda m, n: _number(m.hour, n),
    "k": lambda m, n: _number(m.hour or 24, n),
    "K": lambda m, n: _number(m.hour % 12, n),
    "h": lambda m, n: _number(m.hour % 12 or 12, n),
    "m": lambda m, n: _number(m.minute, n),
    "s": lambda m, n: _number(m.second, n),
    "S": lambda m, n: _number(m.microsecond // 1000, n),
    "z": lambda _m, _n: "UTC",
    "Z": lambda _m, _n: "+0000",
    "X": lambda _m, _n: "Z",
}


class Reader:
    """Reads the texts of one pattern, all parts at once by one expression.

    The expression is ours: every part has a length of its own, so that it cannot backtrack.
    """

    def __init__(self, source: str) -> None:
        """Compile the pattern.

        Raises:
            BadDatePattern: a letter has no meaning, or cannot be read.
        """
        self._source = source
        parts = compile_pattern(source, reading=True)
        self._fields = [(_field(part), part.count) for part in parts if part.letter]
        following = [*parts[1:], Part("", 0)]
        pieces = [_expression(part, after) for part, after in zip(parts, following, strict=True)]
        self._match = re.compile("".join(pieces) + "(?![0-9])", re.ASCII).match

    def read(self, text: str, now: datetime) -> datetime:
        """The moment that a text names; UTC where it names no zone.

        Text after the last part is left alone, as in Java, unless it goes on with a digit. Two
        digits of a year lie between 80 years before `now` and 20 years after.

        Raises:
            Unreadable: the text is not of that form, or there is no such date.
        """
        match = self._match(text)
        if match is None:
            raise Unreadable(
                _("“%(text)s” does not fit the date format “%(format)s”.")
                % {"text": shown(text), "format": self._source}
            )
        found: dict[str, int] = {}
        for (letter, count), piece in zip(self._fields, match.groups(), strict=True):
            found[letter] = _value(letter, count, piece, now)
        return _moment(found, text)


def _field(part: Part) -> str:
    """The letter under which a part is found again; other letters may mean the same."""
    return {"Y": "y", "L": "M", "z": "Z", "X": "Z"}.get(part.letter, part.letter)


def _expression(part: Part, following: Part) -> str:
    if not part.letter:
        return re.escape(part.text)
    if _field(part) == "Z":
        return f"({ZONE})"
    names = _names(part.letter, part.count)
    if names:
        return f"((?i:{'|'.join(sorted(names, key=len, reverse=True))}))"
    # digits that touch those of the next part can only be told apart by their number
    touching = bool(following.letter) and not _names(following.letter, following.count)
    return f"([0-9]{{{part.count}}})" if touching and _field(following) != "Z" else "([0-9]{1,9})"


def _names(letter: str, count: int) -> dict[str, int]:
    """The words that may stand for a part, with their numbers; none if it is written in digits."""
    if letter in "aG":
        return {"am": 0, "pm": 1} if letter == "a" else {"ad": 1, "ce": 1}
    return WORDS.get("M" if letter == "L" else letter, {}) if letter == "E" or count > 2 else {}


def _value(letter: str, count: int, piece: str, now: datetime) -> int:
    """What a piece of text says in numbers; a zone in minutes from UTC."""
    if letter == "Z":
        return _zone(piece)
    if piece[0] not in "0123456789":
        return _names(letter, count)[piece.lower()]
    if letter == "y" and count <= 2 and len(piece) == 2:
        return _full_year(int(piece), now)
    # whole milliseconds, as in Java; longer ones are a fraction of a second
    return int(piece[:3]) if letter == "S" else int(piece)


def _zone(piece: str) -> int:
    offset = re.search(r"([+-])([0-9]{1,2}):?([0-9]{2})?", piece)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return -minutes if offset[1] == "-" else minutes
    return ZONES[piece.upper()] * 60


def _full_year(number: int, now: datetime) -> int:
    century = now.year - now.year % 100
    year = century + number
    if year > now.year + 20:
        return year - 100
    return year + 100 if year < now.year - 79 else year


def _hour(found: dict[str, int]) -> int:
    if "H" in found:
        return found["H"]
    if "k" in found:
        return found["k"] % 24
    if ("h" in found and not 1 <= found["h"] <= 12) or found.get("K", 0) > 11:
        raise ValueError
    return (found.get("h", found.get("K", 0)) % 12) + 12 * found.get("a", 0)


def _moment(found: dict[str, int], text: str) -> datetime:
    try:
        moment = datetime(
            found.get("y", 1970),
            found.get("M", 1),
            found.get("d", 1),
            _hour(found),
            found.get("m", 0),
            found.get("s", 0),
            found.get("S", 0) * 1000,
            tzinfo=UTC,
        )
        if "D" in found and "M" not in found and "d" not in found:
            moment += timedelta(days=found["D"] - 1)
        return moment - timedelta(minutes=found["Z"]) if found.get("Z") else moment
    except (ValueError, OverflowError):
        message = _("There is no such date: “%(text)s”.") % {"text": shown(text)}
        raise Unreadable(message) from None
