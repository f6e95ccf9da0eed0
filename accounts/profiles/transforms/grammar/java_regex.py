"""Regular expressions as Java writes them, run by RE2, which never backtracks.

What Java has and RE2 has not is refused by name. What both have but mean differently is refused
as well: a pattern that matches something else without a word is worse than none. A few Java
spellings that RE2 has under another name are rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import re2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import MAX_PATTERNS, Node, Run, TransformTooCostly
from accounts.profiles.transforms.values import LONG, check_length, shown

MAX_LENGTH: Final = 1000
"""Characters of a pattern."""

MAX_PROGRAM: Final = 5000
"""Instructions; a class like \\p{L} alone has more than a thousand."""

MAX_WORK: Final = 100_000_000
"""Instructions times characters of the text: in the worst case that many steps for one match,
which take a tenth of a second."""

MAX_MEMORY: Final = 1 << 20
"""Bytes that one pattern may use."""

META: Final = frozenset("\\^$.|?*+()[]{}")

REFUSED: Final = (
    (r"\(\?<?[=!]", _lazy("looking ahead or behind")),
    (r"\(\?>", _lazy("atomic groups")),
    (r"[*+?}]\+", _lazy("possessive quantifiers")),
    (r"\\[1-9k]", _lazy("references back to a group")),
    (r"\\[CGXRNHVhv]", _lazy("such an escape")),
    (r"\(\?[a-zA-Z]*[xudU]", _lazy("such a flag")),
)
"""Pieces of Java's syntax that RE2 has not."""

POSIX: Final = {
    "Alpha": "[:alpha:]",
    "Digit": "[:digit:]",
    "Alnum": "[:alnum:]",
    "Upper": "[:upper:]",
    "Lower": "[:lower:]",
    "Punct": "[:punct:]",
    "Space": "[:space:]",
    "Blank": "[:blank:]",
    "Cntrl": "[:cntrl:]",
    "Graph": "[:graph:]",
    "Print": "[:print:]",
    "XDigit": "[:xdigit:]",
    "ASCII": "[:ascii:]",
    "InCombiningDiacriticalMarks": "\\x{0300}-\\x{036F}",
}
"""Names in \\p{…} that RE2 spells otherwise, as they stand inside brackets."""

TOKEN: Final = re.compile(
    r"(?P<quoted>\\Q.*?(?:\\E|\Z))|\\u(?P<hex>[0-9A-Fa-f]{4})|\\(?P<sign>[pP])\{(?P<name>\w+)\}"
    r"|(?P<escape>\\.)|(?P<bracket>\[\^?\]?)|(?P<rest>.)",
    re.DOTALL,
)


class BadPattern(ValueError):
    """The pattern cannot be used; the message says why, and is translated."""


class _Match(Protocol):
    def span(self, group: int = 0) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern."""

    groups: int
    group_names: dict[str, int]
    longest: int
    """Characters of a text that it may be tried on."""
    _find: Callable[[str | bytes], Iterator[_Match]]

    def matches(self, text: str, run: Run, path: str) -> Iterator[_Match]:
        """All matches, their spans counted in characters.

        Raises:
            TransformTooCostly: together they take too long.
        """
        if len(text) > self.longest:
            message = _("The text is too long for so large a regular expression.")
            raise TransformTooCostly(message, path=path)
        last = None
        # in ASCII a byte is a character, and RE2 wants bytes: half the time for most texts
        for count, match in enumerate(self._find(text.encode() if text.isascii() else text)):
            if count or len(text) > LONG:
                run.check_time(path)
            span = match.span()
            # RE2's wrapper finds an empty match again where it went on to look for the next
            if span != last:
                yield match
            last = span


def pattern_of(node: Node, source: str, *, at: str) -> Pattern:
    """The pattern in an attribute of a node.

    Raises:
        Refused: it cannot be used, or there are too many of them.
    """
    node.uses.patterns += 1
    if node.uses.patterns > MAX_PATTERNS:
        node.refuse(_("Use at most %(most)d regular expressions.") % {"most": MAX_PATTERNS}, at=at)
    try:
        return compile_pattern(source)
    except BadPattern as error:
        node.refuse(str(error), at=at)


def compile_pattern(source: str) -> Pattern:
    """A pattern out of Java's syntax.

    Raises:
        BadPattern: it is too large, not a regular expression, or needs what is not supported.
    """
    if len(source) > MAX_LENGTH:
        raise BadPattern(
            _("Shorten the regular expression to %(most)d characters.") % {"most": MAX_LENGTH}
        )
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    try:
        compiled = re2.compile(_translated(source), options)
    except re2.error as error:
        raise BadPattern(_explained(error)) from None
    if compiled.programsize > MAX_PROGRAM:
        raise BadPattern(
            _("Simplify the regular expression: repeat less, and list fewer alternatives.")
        )
    longest = MAX_WORK // max(1, compiled.programsize)
    return Pattern(compiled.groups, dict(compiled.groupindex), longest, compiled.finditer)


def literal_of(source: str) -> str | None:
    """The plain text that a pattern stands for, if it stands for one: that is quicker to find."""
    return None if META & set(source) else source


def _explained(error: Exception) -> str:
    detail = error.args[0] if error.args else ""
    text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
    if "too large" in text or "repetition size" in text:
        return _("Simplify the regular expression: repeat less, and list fewer alternatives.")
    return _("This is no regular expression that can be used here: %(detail)s.") % {
        "detail": shown(text)
    }


def _translated(source: str) -> str:
    """The pattern in RE2's spelling."""
    out: list[str] = []
    inside = False
    for match in TOKEN.finditer(source):
        kind, text = match.lastgroup, match.group()
        if not inside or kind == "escape":
            _check_piece(source, match.start())
        if kind == "quoted":
            out.append(re2.escape(text[2:].removesuffix("\\E")))
        elif kind == "hex":
            out.append(f"\\x{{{match['hex']}}}")
        elif match["name"]:
            out.append(_property(match["sign"], match["name"], inside=inside))
        elif text == "\\Z":
            out.append("\\z")
        elif kind == "bracket":
            if inside:
                raise BadPattern(
                    _("Brackets within brackets are not supported: write one list of characters.")
                )
            inside = True
            # the bracket that comes first is a character in RE2 and an error in Java
            if text.endswith("]"):
                raise BadPattern(_("Write \\] for a bracket in a list of characters."))
            out.append(text)
        else:
            if inside and text == "&" and source.startswith("&&", match.start()):
                raise BadPattern(_("Intersections (&&) are not supported: list the characters."))
            inside = inside and text != "]"
            out.append(text)
    return "".join(out)


def _check_piece(source: str, start: int) -> None:
    for piece, name in REFUSED:
        found = re.compile(piece).match(source, start)
        if found:
            raise BadPattern(
                _(
                    "Do without “%(piece)s”: %(name)s would cost the promise that no text "
                    "takes long."
                )
                % {"piece": found.group(), "name": name}
            )


def _property(sign: str, name: str, *, inside: bool) -> str:
    if name in POSIX:
        negated = sign == "P"
        if inside and negated:
            raise BadPattern(_("Do not negate \\P{%(name)s} within brackets.") % {"name": name})
        body = POSIX[name]
        return body if inside else f"[{'^' if negated else ''}{body}]"
    return f"\\{sign}{{{name.removeprefix('Is')}}}"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands for a match: texts, and numbers of groups."""

    parts: tuple[str | int, ...]

    def replace(self, pattern: Pattern, text: str, run: Run, path: str) -> str:
        """The text with every match replaced.

        Raises:
            TransformTooCostly: it takes too long or grows too large.
        """
        pieces: list[str] = []
        length = end = 0
        for match in pattern.matches(text, run, path):
            start, stop = match.span()
            pieces.append(text[end:start])
            for part in self.parts:
                pieces.append(part if isinstance(part, str) else _group(match, part, text))
                length += len(pieces[-1])
            end = stop
            check_length(length, path)
        if not pieces:
            return text
        pieces.append(text[end:])
        whole = "".join(pieces)
        check_length(len(whole), path)
        return whole


def _group(match: _Match, number: int, text: str) -> str:
    start, stop = match.span(number)
    return text[start:stop] if start >= 0 else ""


def replacement_of(
    source: str, groups: int = 0, names: dict[str, int] | None = None
) -> Replacement:
    """A replacement as Java writes it: `$1`, `${name}`, and a backslash before what is plain.

    Raises:
        BadPattern: a group that the pattern has not, or a lone `$` or backslash.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(source):
        sign = source[position]
        if sign == "$":
            number, position = _group_number(source, position + 1, groups, names or {})
            parts.append(number)
            continue
        if sign == "\\":
            position += 1
            if position == len(source):
                raise BadPattern(_("Write \\\\ for a backslash at the end of a replacement."))
        parts.append(source[position])
        position += 1
    return Replacement(tuple(_joined(parts)))


def _group_number(source: str, start: int, groups: int, names: dict[str, int]) -> tuple[int, int]:
    named = re.compile(r"\{([A-Za-z][A-Za-z0-9]*)\}").match(source, start)
    if named:
        if named[1] not in names:
            raise BadPattern(_("The pattern has no group called “%(name)s”.") % {"name": named[1]})
        return names[named[1]], named.end()
    if start == len(source) or source[start] not in "0123456789":
        raise BadPattern(_("Write \\$ for a dollar sign in a replacement; $1 is the first group."))
    number, end = int(source[start]), start + 1
    # Java takes further digits while there is such a group: $12 is the first group and a 2 else
    while end < len(source) and source[end] in "0123456789":
        longer = number * 10 + int(source[end])
        if longer > groups:
            break
        number, end = longer, end + 1
    if number > groups:
        raise BadPattern(_("The pattern has no group %(number)d.") % {"number": number})
    return number, end


def _joined(parts: list[str | int]) -> Iterator[str | int]:
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    if text:
        yield text
