"""Dates by a pattern of Java's SimpleDateFormat, written and read in English and in UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
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

ZONE: Final = re.compile(r"(?:GMT|UTC)?([+-])([0-9]{1,2}):?([0-9]{2})?|[A-Z]{1,3}", re.IGNORECASE)

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


def read(parts: tuple[Part, ...], text: str, now: datetime) -> datetime:
    """The moment that a text names; UTC where it names no zone.

    Text after the last part is left alone, as in Java, unless it goes on with a digit. Two
    digits of a year lie between 80 years before `now` and 20 years after.

    Raises:
        Unreadable: the text is not of that form, or there is no such date.
    """
    found: dict[str, int] = {}
    position = 0
    for index, part in enumerate(parts):
        if part.text:
            if not text.startswith(part.text, position):
                raise _mismatch(text, position, part.text)
            position += len(part.text)
            continue
        following = parts[index + 1] if index + 1 < len(parts) else None
        position = _read_part(part, following, text, position, found, now)
    if position < len(text) and text[position] in "0123456789":
        raise _mismatch(text, position, "")
    return _moment(found, text)


def _read_part(
    part: Part,
    following: Part | None,
    text: str,
    position: int,
    found: dict[str, int],
    now: datetime,
) -> int:
    """Read one part into `found`; the answer is where it ends."""
    if part.letter in "zZX":
        return _read_zone(text, position, found)
    names = _names(part)
    if names:
        return _read_name(names, part, text, position, found)
    adjacent = following is not None and bool(following.letter) and not _names(following)
    width = part.count if adjacent and following and following.letter not in "zZX" else 9
    match = re.compile(f"[0-9]{{1,{width}}}").match(text, position)
    if match is None:
        raise _mismatch(text, position, part.letter * part.count)
    # whole milliseconds, as in Java; longer ones are a fraction of a second
    number = int(match.group()[:3] if part.letter == "S" else match.group())
    if part.letter in "yY":
        if part.count <= 2 and len(match.group()) == 2:
            number = _full_year(number, now)
        found["y"] = number
    else:
        found["M" if part.letter == "L" else part.letter] = number
    return match.end()


def _names(part: Part) -> dict[str, int]:
    """The words that may stand for a part, with their numbers; none if it is written in digits."""
    if part.letter == "a":
        return {"am": 0, "pm": 1}
    if part.letter == "G":
        return {"ad": 1, "ce": 1}
    if part.letter == "E" or (part.letter in "ML" and part.count >= 3):
        full = DAYS if part.letter == "E" else MONTHS
        named = {name.lower(): number for number, name in enumerate(full, start=1)}
        return named | {name[:3]: number for name, number in named.items()}
    return {}


def _read_name(
    names: dict[str, int], part: Part, text: str, position: int, found: dict[str, int]
) -> int:
    rest = text[position : position + 12].lower()
    for name in sorted(names, key=len, reverse=True):
        if rest.startswith(name):
            found["M" if part.letter == "L" else part.letter] = names[name]
            return position + len(name)
    raise _mismatch(text, position, part.letter * part.count)


def _read_zone(text: str, position: int, found: dict[str, int]) -> int:
    match = ZONE.match(text, position)
    if match and match[1]:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        found["zone"] = -minutes if match[1] == "-" else minutes
        return match.end()
    if match and match.group().upper() in ZONES:
        found["zone"] = ZONES[match.group().upper()] * 60
        return match.end()
    raise _mismatch(text, position, "+00:00")


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
        zone = timezone(timedelta(minutes=found.get("zone", 0)))
        moment = datetime(
            found.get("y", 1970),
            found.get("M", 1),
            found.get("d", 1),
            _hour(found),
            found.get("m", 0),
            found.get("s", 0),
            tzinfo=zone,
        ) + timedelta(milliseconds=found.get("S", 0))
        if "D" in found and "M" not in found and "d" not in found:
            moment += timedelta(days=found["D"] - 1)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        message = _("There is no such date: “%(text)s”.") % {"text": shown(text)}
        raise Unreadable(message) from None


def _mismatch(text: str, position: int, wanted: str) -> Unreadable:
    if not wanted:
        message = _("“%(text)s” goes on with more digits than the date format has.")
        return Unreadable(message % {"text": shown(text)})
    return Unreadable(
        _(
            "“%(text)s” does not fit the date format: at position %(position)d it should have "
            "“%(wanted)s”."
        )
        % {"text": shown(text), "position": position + 1, "wanted": wanted}
    )
