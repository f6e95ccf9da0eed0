"""Filters over accounts: comparisons and a few methods, joined by `&&`, `||` and `!`.

The safe part of SailPoint's filter strings: `(status != "terminated") &&
!nativeIdentity.startsWith("X")`. Everything is compared as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from django.utils.translation import gettext as _

from accounts.profiles.transforms.base import Account, Node
from accounts.profiles.transforms.values import shown

MAX_LENGTH: Final = 2000
"""Characters."""

MAX_NESTING: Final = 16

SEARCHABLE: Final = ("nativeIdentity", "displayName")
"""What an accountFilter may ask for; accountPropertyFilter may ask for any attribute."""

TOKEN: Final = re.compile(
    r"\s*(?:(?P<sign>==|!=|&&|\|\||[()!{},])"
    r"|\"(?P<text>(?:[^\"\\]|\\.)*)\"|'(?P<other>(?:[^'\\]|\\.)*)'"
    r"|(?P<word>[A-Za-z0-9_][A-Za-z0-9_-]*)(?:\.(?P<method>[A-Za-z]+)(?=\s*\())?)",
    re.DOTALL,
)

Keep: TypeAlias = Callable[[Account], bool]
Compare: TypeAlias = Callable[[list[str], list[str]], bool]


def _some(test: Callable[[str, str], bool]) -> Compare:
    """Whether any of the values stands in that relation to the one wanted."""
    return lambda values, wanted: any(test(value, wanted[0]) for value in values)


METHODS: Final[dict[str, tuple[int, Compare]]] = {
    "startsWith": (1, _some(str.startswith)),
    "endsWith": (1, _some(str.endswith)),
    "contains": (1, _some(str.__contains__)),
    "startsWithIgnoreCase": (1, _some(lambda v, w: v.casefold().startswith(w.casefold()))),
    "endsWithIgnoreCase": (1, _some(lambda v, w: v.casefold().endswith(w.casefold()))),
    "containsIgnoreCase": (1, _some(lambda v, w: w.casefold() in v.casefold())),
    "equalsIgnoreCase": (1, _some(lambda v, w: v.casefold() == w.casefold())),
    "in": (-1, lambda values, wanted: not set(values).isdisjoint(wanted)),
    "containsAny": (-1, lambda values, wanted: not set(values).isdisjoint(wanted)),
    "containsAll": (-1, lambda values, wanted: set(values).issuperset(wanted)),
    "isNull": (0, lambda values, _wanted: not values),
    "notNull": (0, lambda values, _wanted: bool(values)),
    "isEmpty": (0, lambda values, _wanted: not any(values)),
}
"""How many texts a method takes (-1: any number, in braces), and what it answers."""


class BadFilter(ValueError):
    """The filter cannot be read; the message says why, and is translated."""


def filter_of(
    node: Node, source: str, *, at: str, only: tuple[str, ...] = ()
) -> tuple[Keep, frozenset[str]]:
    """The filter in an attribute of a node, and what it asks for; `only` limits that.

    Raises:
        Refused: it is beyond the grammar.
    """
    try:
        return compile_filter(source, only)
    except BadFilter as error:
        node.refuse(str(error), at=at)


def compile_filter(source: str, only: tuple[str, ...] = ()) -> tuple[Keep, frozenset[str]]:
    """A filter out of its text, and the names of the attributes that it asks for.

    Raises:
        BadFilter: it is beyond the grammar.
    """
    if len(source) > MAX_LENGTH:
        raise BadFilter(_("Shorten the filter to %(most)d characters.") % {"most": MAX_LENGTH})
    reader = _Reader(source, only)
    keep = reader.either(0)
    reader.finish()
    return keep, frozenset(reader.names)


def property_of(account: Account, name: str) -> list[str]:
    """What an account has under a name, as a list of texts; none where it has nothing."""
    value: object = account.attributes.get(name)
    if value is None and name == "nativeIdentity":
        value = account.native_identity
    elif value is None and name == "displayName":
        value = account.name
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [_text(value)]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(slots=True)
class _Reader:
    source: str
    only: tuple[str, ...]
    position: int = 0
    token: re.Match[str] | None = None
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._advance()

    def either(self, depth: int) -> Keep:
        tests = [self._both(depth)]
        while self._take("||"):
            tests.append(self._both(depth))
        return tests[0] if len(tests) == 1 else lambda a: any(test(a) for test in tests)

    def finish(self) -> None:
        if self.token:
            raise self._unreadable()

    def _both(self, depth: int) -> Keep:
        tests = [self._single(depth)]
        while self._take("&&"):
            tests.append(self._single(depth))
        return tests[0] if len(tests) == 1 else lambda a: all(test(a) for test in tests)

    def _single(self, depth: int) -> Keep:
        if depth > MAX_NESTING:
            raise BadFilter(_("Nest the filter at most %(most)d deep.") % {"most": MAX_NESTING})
        if self._take("!"):
            inner = self._single(depth + 1)
            return lambda account: not inner(account)
        if self._take("("):
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Keep:
        token = self.token
        if token is None or not token["word"]:
            raise self._unreadable()
        name, method = token["word"], token["method"]
        if self.only and name not in self.only:
            raise BadFilter(
                _(
                    "accountFilter knows %(known)s only: ask for “%(name)s” in "
                    "accountPropertyFilter."
                )
                % {"known": ", ".join(self.only), "name": shown(name)}
            )
        self.names.add(name)
        self._advance()
        if method:
            return self._call(name, method)
        for sign, wanted in (("==", True), ("!=", False)):
            if self._take(sign):
                texts = self._operand()
                return lambda account: _equal(property_of(account, name), texts) is wanted
        raise self._unreadable()

    def _call(self, name: str, method: str) -> Keep:
        if method not in METHODS:
            raise BadFilter(
                _("The filter method “%(method)s” is not supported. Use: %(known)s.")
                % {"method": shown(method), "known": ", ".join(METHODS)}
            )
        count, compare = METHODS[method]
        self._expect("(")
        texts = self._list() if count < 0 else [t for _n in range(count) for t in self._operand()]
        if len(texts) < abs(count):
            raise self._unreadable()
        self._expect(")")
        return lambda account: compare(property_of(account, name), texts)

    def _list(self) -> list[str]:
        """Texts in braces; one alone may stand without them."""
        if not self._take("{"):
            return self._operand()
        texts = self._operand()
        while self._take(","):
            texts += self._operand()
        self._expect("}")
        return texts

    def _operand(self) -> list[str]:
        """One text; nothing for `null`."""
        token = self.token
        if token is None or token["sign"] or token["method"]:
            raise self._unreadable()
        self._advance()
        if token["word"]:
            if not re.fullmatch(r"[0-9]+|true|false|null", token["word"]):
                raise BadFilter(
                    _("Put “%(word)s” in double quotes.") % {"word": shown(token["word"])}
                )
            return [] if token["word"] == "null" else [token["word"]]
        quoted = token["text"] if token["text"] is not None else token["other"]
        return [re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)]

    def _take(self, sign: str) -> bool:
        if self.token is None or self.token["sign"] != sign:
            return False
        self._advance()
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unreadable()

    def _advance(self) -> None:
        if not self.source[self.position :].strip():
            self.token = None
            return
        self.token = TOKEN.match(self.source, self.position)
        if self.token is None:
            raise self._unreadable()
        self.position = self.token.end()

    def _unreadable(self) -> BadFilter:
        near = self.source[max(0, self.position - 20) : self.position + 20]
        return BadFilter(
            _(
                "This filter cannot be read near “%(near)s”. Write comparisons like "
                'name == "text", name != "text" or name.startsWith("text"), joined with &&, || '
                "and !. Greater and less than are not supported."
            )
            % {"near": shown(near)}
        )


def _equal(values: list[str], wanted: list[str]) -> bool:
    """Whether one of the values is the one wanted; `null` wants that there is none."""
    return wanted[0] in values if wanted else not values
