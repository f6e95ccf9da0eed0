"""What stands in `#if(…)`: variables and texts compared, joined by `&&` and `||`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final, TypeAlias

from django.utils.translation import gettext as _

from accounts.profiles.transforms.values import shown

if TYPE_CHECKING:
    from accounts.profiles.transforms.grammar.template import Variables

TOKEN: Final = re.compile(
    r"\s*(?:(?P<sign>==|!=|&&|\|\||\)|!)"
    r"|(?P<quote>\"?)\$!?(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_-]*)\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))(?P=quote)"
    r"|'(?P<single>[^']*)'|\"(?P<double>[^\"$]*)\"|(?P<word>-?[0-9]+|true|false))"
)
"""A variable may stand in double quotes, as Velocity fills it in there."""

Test: TypeAlias = "Callable[[Variables], bool]"
Operand: TypeAlias = "Callable[[Variables], str | None]"


class BadCondition(ValueError):
    """The condition cannot be read; the message says why, and is translated."""


def always(_variables: Variables) -> bool:
    return True


def read(source: str, start: int, names: Collection[str]) -> tuple[Test, int]:
    """The condition that begins at `start`, and where the text goes on after its `)`.

    Raises:
        BadCondition: it is not of that form.
    """
    reader = _Reader(source, start, names)
    return reader.either(), reader.position


class _Reader:
    def __init__(self, source: str, start: int, names: Collection[str]) -> None:
        self.source = source
        self.position = start
        self.names = names
        self.token = self._next()

    def either(self) -> Test:
        tests = [self._both()]
        while self.token["sign"] == "||":
            self.token = self._next()
            tests.append(self._both())
        if self.token["sign"] != ")":
            raise self._unreadable()
        return tests[0] if len(tests) == 1 else lambda v: any(test(v) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self.token["sign"] == "&&":
            self.token = self._next()
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else lambda v: all(test(v) for test in tests)

    def _single(self) -> Test:
        """A comparison, or a variable that counts as true where it has a value."""
        if self.token["sign"] == "!":
            self.token = self._next()
            unwanted, _name = self._operand()
            return lambda v: not unwanted(v)
        left, left_name = self._operand()
        sign = self.token["sign"]
        if sign not in ("==", "!="):
            return lambda v: bool(left(v))
        self.token = self._next()
        right, right_name = self._operand()
        needed = [name for name in (left_name, right_name) if name]
        wanted = sign == "=="

        def test(variables: Variables) -> bool:
            for name in needed:
                variables.needed(name)
            return (left(variables) == right(variables)) is wanted

        return test

    def _operand(self) -> tuple[Operand, str]:
        """How to read one side, and the variable in it that may not be missing, if any."""
        token = self.token
        if token["sign"]:
            raise self._unreadable()
        self.token = self._next()
        name = token["braced"] or token["bare"]
        if name:
            if name not in self.names:
                raise BadCondition(
                    _("Declare “%(name)s” beside the template: no such variable is there.")
                    % {"name": shown(name)}
                )
            quiet = token.group().lstrip(' \t\r\n"').startswith("$!")
            if quiet:
                return lambda v: v.optional(name) or "", ""
            return lambda v: v.optional(name), name
        text = token["single"] or token["double"] or token["word"] or ""
        return lambda _v: text, ""

    def _next(self) -> re.Match[str]:
        match = TOKEN.match(self.source, self.position)
        if match is None:
            raise self._unreadable()
        self.position = match.end()
        return match

    def _unreadable(self) -> BadCondition:
        near = self.source[max(0, self.position - 20) : self.position + 20]
        return BadCondition(
            _(
                "This condition cannot be read near “%(near)s”. Compare declared variables and "
                "quoted texts with == or !=, join with && and ||, without parentheses and calls: "
                "#if($name == 'text')."
            )
            % {"near": shown(near)}
        )
