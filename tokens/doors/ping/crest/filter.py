"""The filter grammar of `_queryFilter`: from text to a small tree.

    or    = and *("or" and)
    and   = not *("and" not)
    not   = "!" not / "(" or ")" / "true" / "false" / pointer "pr" / pointer operator value

Length, depth and number of clauses are bounded, each character is looked at once, and the
recursion is as deep as the parentheses and exclamation marks, so at most MAX_DEPTH.
"""

import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn

from django.utils.translation import gettext as _

from tokens.doors.ping.crest.errors import BadQuery
from tokens.doors.ping.crest.pointer import Pointer, parse_pointer

PARAMETER: Final = "_queryFilter"

MAX_LENGTH: Final = 4096
"""Characters."""

MAX_DEPTH: Final = 32
"""Parentheses and exclamation marks inside each other."""

MAX_CLAUSES: Final = 100
"""Comparisons, presences and literals."""

MAX_NUMBER: Final = 40
"""Characters of one number."""

Value = str | int | float | bool | None


class Op(StrEnum):
    """How a value is compared."""

    EQUAL = "eq"
    CONTAINS = "co"
    STARTS_WITH = "sw"
    LESS = "lt"
    LESS_OR_EQUAL = "le"
    GREATER = "gt"
    GREATER_OR_EQUAL = "ge"


@dataclass(frozen=True, slots=True)
class Comparison:
    pointer: Pointer
    op: Op
    value: Value


@dataclass(frozen=True, slots=True)
class Present:
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class Literal:
    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    part: "Filter"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Filter", ...]


Filter = Comparison | Present | Literal | Not | And | Or

TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<sign>[()!])
      | (?P<double>"(?:[^"\\\x00-\x1f]|\\.)*")
      | (?P<single>'(?:[^'\\\x00-\x1f]|\\.)*')
      | (?P<word>[^\s()!"'\\\x00-\x1f\x7f]+)
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
SURROGATE: Final = re.compile("[\ud800-\udfff]")
CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


def parse_filter(text: str) -> Filter:
    """The tree of a filter.

    Raises:
        BadQuery: it breaks the grammar or a bound; the message says where.
    """
    if len(text) > MAX_LENGTH:
        message = _("The filter is longer than %(most)d characters")
        raise BadQuery(message % {"most": MAX_LENGTH}, field=PARAMETER)
    return _Parser(text).parse()


class _Parser:
    """One token ahead of what is read; words are told apart by where they stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._clauses = 0
        self._next()

    def _next(self) -> None:
        """Step to the next token: its kind, text and start."""
        match = TOKEN.match(self._text, self._end)
        if match is None:
            self._start = self._end
            self._refuse(_("A quoted text does not end, or a character cannot stand here"))
        self._kind = match.lastgroup or "end"
        self._lexeme = match[self._kind]
        self._start, self._end = match.start(self._kind), match.end()

    def _refuse(self, message: str) -> NoReturn:
        raise BadQuery(message, field=PARAMETER, position=self._start + 1)

    def _is_sign(self, sign: str) -> bool:
        return self._kind == "sign" and self._lexeme == sign

    def _is_word(self, word: str) -> bool:
        return self._kind == "word" and self._lexeme.lower() == word

    def parse(self) -> Filter:
        found = self._or(0)
        if self._kind != "end":
            self._refuse(_("The filter goes on where it should end"))
        return found

    def _or(self, depth: int) -> Filter:
        parts = [self._and(depth)]
        while self._is_word("or"):
            self._next()
            parts.append(self._and(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self, depth: int) -> Filter:
        parts = [self._not(depth)]
        while self._is_word("and"):
            self._next()
            parts.append(self._not(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            self._refuse(_("The filter is nested too deeply"))
        if self._is_sign("!"):
            self._next()
            return Not(self._not(depth + 1))
        if not self._is_sign("("):
            return self._clause()
        self._next()
        inner = self._or(depth + 1)
        if not self._is_sign(")"):
            self._refuse(_("A closing parenthesis is missing"))
        self._next()
        return inner

    def _clause(self) -> Filter:
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            self._refuse(_("The filter has too many clauses"))
        if self._kind != "word":
            self._refuse(_("A field name, true or false is expected"))
        if self._lexeme in ("true", "false"):
            literal = Literal(self._lexeme == "true")
            self._next()
            return literal
        pointer = parse_pointer(self._lexeme, field=PARAMETER, position=self._start + 1)
        self._next()
        if self._is_word("pr"):
            self._next()
            return Present(pointer)
        return Comparison(pointer, self._operator(), self._value())

    def _operator(self) -> Op:
        try:
            op = Op(self._lexeme.lower()) if self._kind == "word" else None
        except ValueError:
            op = None
        if op is None:
            self._refuse(_("An operator is expected: eq, co, sw, lt, le, gt, ge or pr"))
        self._next()
        return op

    def _value(self) -> Value:
        value = self._text_value() if self._kind in ("double", "single") else self._bare_value()
        self._next()
        return value

    def _bare_value(self) -> Value:
        if self._kind == "word" and self._lexeme in CONSTANTS:
            return CONSTANTS[self._lexeme]
        if self._kind != "word" or not NUMBER.fullmatch(self._lexeme):
            self._refuse(_("A value is expected: a number, true, false or a quoted text"))
        if len(self._lexeme) > MAX_NUMBER:
            self._refuse(_("The number is too long"))
        number = json.loads(self._lexeme)
        if isinstance(number, float) and not math.isfinite(number):
            self._refuse(_("The number is too large"))
        return number  # type: ignore[no-any-return]  # the pattern lets only numbers through

    def _text_value(self) -> str:
        quoted = self._lexeme
        if self._kind == "single":
            quoted = _double_quoted(quoted[1:-1])
        try:
            text = json.loads(quoted)
        except ValueError:
            self._refuse(_("A backslash in a quoted text is not followed by a known escape"))
        if not isinstance(text, str) or "\x00" in text or SURROGATE.search(text):
            self._refuse(_("A quoted text holds a character that no value can hold"))
        return text


def _double_quoted(inner: str) -> str:
    r"""A single-quoted text in double quotes, where \' needs no escape and " does."""
    swapped = re.sub(r"\\.|\"", lambda m: {"\\'": "'", '"': '\\"'}.get(m[0], m[0]), inner)
    return f'"{swapped}"'
