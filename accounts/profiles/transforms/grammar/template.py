"""Templates: the part of Velocity that fills in and chooses, and nothing of what computes.

`$name` and `${name}` stand for variables that are declared beside the template, `$!name` for one
that may be missing; `#if(…)`, `#elseif(…)`, `#else` and `#end` choose. There are no objects, no
attributes, no calls and no other directives: whatever else a template holds is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from django.utils.translation import gettext as _

from accounts.profiles.transforms.base import Evaluate, Node, Problem, Run, TransformError, Value
from accounts.profiles.transforms.grammar import condition
from accounts.profiles.transforms.values import check_length, shown, text_of

MAX_NESTING: Final = 16
"""`#if` within `#if`."""

TOKEN: Final = re.compile(
    r"\$(?P<quiet>!?)(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_-]*)\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))"
    r"|#(?P<open>if|elseif)\s{0,9}\((?P<body>)"
    r"|#(?:\{(?P<held>else|end)\}|(?P<word>else|end)(?![A-Za-z0-9_]))",
)

Write: TypeAlias = "Callable[[Variables], str]"


class BadTemplate(ValueError):
    """The template cannot be used; the message says why, and is translated."""


class Variables:
    """The variables of one rendering, each calculated at most once, and only if it is needed."""

    __slots__ = ("_given", "_known", "_readers", "_run", "path")

    def __init__(self, readers: Mapping[str, Evaluate], run: Run, given: Value, path: str) -> None:
        self._readers = readers
        self._run = run
        self._given = given
        self._known: dict[str, str | None] = {}
        self.path = path

    def optional(self, name: str) -> str | None:
        if name not in self._known:
            value = self._readers[name](self._run, self._given)
            self._known[name] = text_of(value, self.path)
        return self._known[name]

    def set(self, name: str, text: str) -> None:
        self._known[name] = text

    def needed(self, name: str) -> str:
        """The text of a variable.

        Raises:
            TransformError: it has none, or cannot be calculated.
        """
        text = self.optional(name)
        if text is None:
            raise TransformError(
                _(
                    "$%(name)s has no value: write $!%(name)s where it may be missing, or give it "
                    "a default with firstValid."
                )
                % {"name": name},
                path=self.path,
            )
        return text


@dataclass(frozen=True, slots=True)
class Template:
    """A template, ready to be filled in."""

    parts: tuple[str | Write, ...]
    needed: frozenset[str] = frozenset()
    """The variables that may not be missing, whatever is chosen."""

    @property
    def constant(self) -> str | None:
        """Its text, if it is always the same."""
        if any(not isinstance(part, str) for part in self.parts):
            return None
        return "".join(part for part in self.parts if isinstance(part, str))

    def render(self, variables: Variables) -> str:
        """The text.

        Raises:
            TransformError: a variable has no value, or the text grows too large.
        """
        pieces = []
        length = 0
        for part in self.parts:
            piece = part if isinstance(part, str) else part(variables)
            length += len(piece)
            check_length(length, variables.path)
            pieces.append(piece)
        return "".join(pieces)


@dataclass(slots=True)
class _Block:
    """An `#if` that is not ended yet: its finished branches, and the one being read."""

    start: str
    branches: list[tuple[condition.Test, Template]]
    test: condition.Test
    parts: list[str | Write]
    last: bool = False


def template_of(node: Node, source: str, *, at: str, besides: Collection[str] = ()) -> Template:
    """The template in an attribute of a node, whose variables (and `besides`) it may name.

    Raises:
        Refused: it cannot be read.
    """
    try:
        template, unknown = compile_template(source, {*node.variables, *besides})
    except (BadTemplate, condition.BadCondition) as error:
        node.refuse(str(error), at=at)
    for text in unknown:
        message = _("“%(text)s” stays as it is written: no such variable is declared beside it.")
        node.notices.append(Problem(node.place(at), message % {"text": shown(text)}))
    return template


def compile_template(source: str, names: Collection[str]) -> tuple[Template, list[str]]:
    """A template over the variables `names`, and what looks like a variable and is none.

    Raises:
        BadTemplate, BadCondition: it cannot be read.
    """
    outer: list[str | Write] = []
    needed: set[str] = set()
    blocks: list[_Block] = []
    unknown: list[str] = []
    position = 0
    while match := TOKEN.search(source, position):
        parts = blocks[-1].parts if blocks else outer
        if match.start() > position:
            parts.append(source[position : match.start()])
        position = match.end()
        if match["body"] is not None:
            test, position = condition.read(source, position, names)
            _open(blocks, match["open"], match.group(), test)
        elif directive := match["held"] or match["word"]:
            _turn(blocks, outer, directive, match.group())
        else:
            name = match["braced"] or match["bare"]
            if name in names:
                if not blocks and not match["quiet"]:
                    needed.add(name)
                parts.append(_variable(name, quiet=bool(match["quiet"])))
            else:
                parts.append(match.group())
                unknown.append(match.group())
    if blocks:
        raise BadTemplate(_("Close “%(start)s” with #end.") % {"start": blocks[-1].start})
    outer.append(source[position:])
    return Template(tuple(part for part in outer if part != ""), frozenset(needed)), unknown


def _variable(name: str, *, quiet: bool) -> Write:
    if quiet:
        return lambda variables: variables.optional(name) or ""
    return lambda variables: variables.needed(name)


def _open(blocks: list[_Block], directive: str, text: str, test: condition.Test) -> None:
    if directive == "if":
        if len(blocks) == MAX_NESTING:
            raise BadTemplate(_("Nest #if at most %(most)d deep.") % {"most": MAX_NESTING})
        blocks.append(_Block(f"{text}…)", [], test, []))
        return
    if not blocks or blocks[-1].last:
        raise BadTemplate(_("Write #elseif after an #if, and before its #else."))
    _finish_branch(blocks[-1])
    blocks[-1].test = test


def _turn(blocks: list[_Block], outer: list[str | Write], directive: str, text: str) -> None:
    """`#else` and `#end`; outside of an `#if` they are plain text."""
    if not blocks:
        outer.append(text)
        return
    block = blocks[-1]
    if directive == "else":
        if block.last:
            raise BadTemplate(_("Write one #else for each #if."))
        _finish_branch(block)
        block.test = condition.always
        block.last = True
        return
    _finish_branch(block)
    blocks.pop()
    (blocks[-1].parts if blocks else outer).append(_choice(tuple(block.branches)))


def _finish_branch(block: _Block) -> None:
    block.branches.append((block.test, Template(tuple(block.parts))))
    block.parts = []


def _choice(branches: tuple[tuple[condition.Test, Template], ...]) -> Write:
    def write(variables: Variables) -> str:
        for test, template in branches:
            if test(variables):
                return template.render(variables)
        return ""

    return write
