"""The grammar of `filters`: comparisons joined by and, or, not; lower-case only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tokens.doors.sailpoint.errors import Refused

LONGEST: Final = 8_000
"""Characters: some two hundred ids in one `in`."""
MOST_PARTS: Final = 100
DEEPEST: Final = 20
MOST_VALUES: Final = 250

COMPARING: Final = frozenset({"eq", "ne", "co", "sw", "gt", "ge", "lt", "le"})
LISTING: Final = frozenset({"in", "ca"})
ALONE: Final = frozenset({"pr", "isnull"})
"""They take no value, and stand before or behind their field."""
JOINING: Final = frozenset({"and", "or", "not"})

TOKEN: Final = re.compile(
    r'\s*(?:(?P<mark>[(),])|"(?P<text>(?:[^"\\]|\\["\\])*)"|(?P<word>[^\s(),"]+))', re.DOTALL
)
FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
ESCAPED: Final = re.compile(r'\\(["\\])')


@dataclass(frozen=True)
class Comparison:
    field: str
    operator: str
    values: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        return self.values[0]


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class Joined:
    """`joint` is "and" or "or"."""

    joint: str
    parts: tuple[Node, ...]


Node = Comparison | Not | Joined


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


class BadFilter(Refused):
    """The expression cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(f"filters: {message}")


def parse(text: str) -> Node:
    """The expression as a tree.

    Raises:
        BadFilter: it is none; the message says where it goes wrong.
    """
    if len(text) > LONGEST:
        raise BadFilter(f"Write at most {LONGEST} characters.")
    reader = _Reader(_tokens(text))
    node = reader.either(1)
    if (rest := reader.peek()) is not None:
        raise BadFilter(f"Unexpected “{rest.text[:40]}”.")
    return node


def _tokens(text: str) -> list[_Token]:
    found, place, end = [], 0, len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None:
            raise BadFilter("A quoted text is not closed, or holds a backslash alone.")
        kind = str(match.lastgroup)
        value = match[kind]
        found.append(_Token(kind, ESCAPED.sub(r"\1", value) if kind == "text" else value))
        place = match.end()
    return found


class _Reader:
    """Reads tokens from left to right; "and" binds closer than "or"."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._parts = 0

    def peek(self, ahead: int = 0) -> _Token | None:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def either(self, depth: int) -> Node:
        return self._joined("or", depth)

    def _joined(self, joint: str, depth: int) -> Node:
        parts = [self._operand(joint, depth)]
        while self._takes_word(joint):
            parts.append(self._operand(joint, depth))
        return parts[0] if len(parts) == 1 else Joined(joint, tuple(parts))

    def _operand(self, joint: str, depth: int) -> Node:
        return self._joined("and", depth) if joint == "or" else self._part(depth)

    def _part(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise BadFilter(f"Nest at most {DEEPEST} parts in one another.")
        if self._takes_word("not"):
            return Not(self._part(depth + 1))
        if self._takes_mark("("):
            inner = self.either(depth + 1)
            self._expect_mark(")")
            return inner
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise BadFilter(f"Compare at most {MOST_PARTS} times.")
        return self._comparison()

    def _comparison(self) -> Comparison:
        first, second = self._word("a field"), self.peek()
        if first in ALONE and second is not None and second.text not in COMPARING | LISTING:
            return Comparison(self._field(self._word("a field")), first)
        field, operator = self._field(first), self._word("an operator")
        if operator in ALONE:
            return Comparison(field, operator)
        if operator in COMPARING:
            return Comparison(field, operator, (self._value(),))
        if operator in LISTING:
            return Comparison(field, operator, self._values())
        raise BadFilter(f"There is no operator “{operator[:40]}”.")

    def _field(self, word: str) -> str:
        if not FIELD.fullmatch(word) or word in JOINING:
            raise BadFilter(f"“{word[:40]}” is no field.")
        return word

    def _values(self) -> tuple[str, ...]:
        self._expect_mark("(")
        found = [self._value()]
        while self._takes_mark(","):
            found.append(self._value())
        self._expect_mark(")")
        if len(found) > MOST_VALUES:
            raise BadFilter(f"List at most {MOST_VALUES} values.")
        return tuple(found)

    def _value(self) -> str:
        token = self.peek()
        if token is None or token.kind == "mark":
            raise BadFilter("Here should be a value.")
        self._place += 1
        return token.text

    def _word(self, what: str) -> str:
        token = self.peek()
        if token is None or token.kind != "word":
            raise BadFilter(f"Here should be {what}.")
        self._place += 1
        return token.text

    def _takes_word(self, word: str) -> bool:
        return self._takes(_Token("word", word))

    def _takes_mark(self, mark: str) -> bool:
        return self._takes(_Token("mark", mark))

    def _takes(self, token: _Token) -> bool:
        if self.peek() != token:
            return False
        self._place += 1
        return True

    def _expect_mark(self, mark: str) -> None:
        if not self._takes_mark(mark):
            raise BadFilter(f"Here should be “{mark}”.")
