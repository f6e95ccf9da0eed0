"""From a definition to nested closures, once; or a list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from django.utils.translation import gettext as _

from accounts.profiles.transforms import transform_types
from accounts.profiles.transforms.base import (
    MAX_DEPTH,
    MAX_STEPS,
    BadDefinition,
    Definition,
    Evaluate,
    Node,
    Problem,
    Refused,
    Run,
    Subject,
    TransformType,
    Uses,
    Value,
    implicit_input,
)
from accounts.profiles.transforms.reading import (
    KEYS,
    Fields,
    flag_of,
    read_attributes,
    size_problem,
)
from accounts.profiles.transforms.rule import UTILITY
from accounts.profiles.transforms.values import constant, constantly, entering, shown

MAX_PROBLEMS: Final = 50
"""More of them help nobody."""

Watch: TypeAlias = Callable[[TransformType, str, Evaluate], Evaluate]
"""Takes a type, the place of a transform and its closure, and answers what to run instead."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A transform that is ready to run, and what it will ask for.

    It holds no state: one may be used by several threads, for any number of subjects.
    """

    run: Evaluate
    requires_periodic_refresh: bool
    """Said by this transform, or by one within it."""
    account_attributes: frozenset[tuple[str, str]]
    """(source name or id, attribute name) of all that it may read."""
    identity_attributes: frozenset[str]
    references: frozenset[str]
    """The names of the transforms that it uses, at any distance."""
    uses_now: bool
    uses_randomness: bool
    """Its value differs each time: do not calculate it again for an identity that has one."""
    uses_other_identities: bool
    checks_uniqueness: bool
    notices: tuple[Problem, ...]
    """What works, but perhaps otherwise than its author thought."""

    def evaluate(self, subject: Subject, given: Value = None) -> Value:
        """The value for a subject; `given` is the attribute that the mapping names.

        Raises:
            TransformError: it cannot be calculated, with the place and the cause.
        """
        return self.run(Run(subject), given if given is None else entering(given, "$"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A compiled transform with all that hangs below it."""

    run: Evaluate
    steps: int
    height: int
    refresh: bool


def compile_transform(
    definition: Definition,
    *,
    library: Mapping[str, Definition] | None = None,
    watch: Watch | None = None,
) -> Compiled:
    """Check a definition and build its closures; `library` holds the transforms that it may name.

    `watch` sees each transform of it, those within first.

    Raises:
        BadDefinition: with every problem found, each with its JSON path and the mend.
    """
    compiler = _Compiler(library or {}, watch)
    piece = compiler.whole(definition)
    if piece is None or compiler.problems:
        raise BadDefinition(compiler.problems)
    uses = compiler.uses
    return Compiled(
        run=piece.run,
        requires_periodic_refresh=piece.refresh,
        account_attributes=frozenset(uses.account_attributes),
        identity_attributes=frozenset(uses.identity_attributes),
        references=frozenset(uses.references),
        uses_now=uses.now,
        uses_randomness=uses.randomness,
        uses_other_identities=uses.other_identities,
        checks_uniqueness=uses.uniqueness,
        notices=tuple(dict.fromkeys(compiler.notices))[:MAX_PROBLEMS],
    )


class _Compiler:
    def __init__(self, library: Mapping[str, Definition], watch: Watch | None) -> None:
        self.library = library
        self.watch = watch
        self.uses = Uses()
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self._reported = 0
        self._finished: dict[str, _Piece | None] = {}
        self._open: list[str] = []

    def report(self, path: str, message: str) -> None:
        self._reported += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(path, message))

    def whole(self, definition: object) -> _Piece | None:
        problem = size_problem(definition)
        if problem:
            self.problems.append(problem)
            return None
        name = definition.get("name") if isinstance(definition, Mapping) else None
        if isinstance(name, str):
            self._open.append(name)
        return self._transform(definition, "$", 1)

    def _transform(self, definition: object, path: str, depth: int) -> _Piece | None:
        before = self._reported
        if depth > MAX_DEPTH:
            self.report(path, _("Nest at most %(most)d transforms.") % {"most": MAX_DEPTH})
            return None
        part, attributes = self._head(definition, path)
        if part is None or attributes is None:
            return None
        fields, notices = read_attributes(part, attributes, path, self.report)
        self.notices += notices
        node, below = self._below(fields, path, depth)
        pieces = [piece for piece in below if piece]
        all_there = len(pieces) == len(below)
        steps = 1 + sum(piece.steps for piece in pieces)
        if steps > MAX_STEPS:
            self.report(
                path,
                _("Simplify it: one value would take more than %(most)d steps.")
                % {"most": MAX_STEPS},
            )
        if self._reported > before or not all_there:
            return None
        run = self._built(part, node)
        height = 1 + max((piece.height for piece in pieces), default=0)
        refresh = _refresh(definition) or any(piece.refresh for piece in pieces)
        return _Piece(run, steps, height, refresh) if run else None

    def _head(
        self, definition: object, path: str
    ) -> tuple[TransformType | None, Mapping[str, object] | None]:
        """The type and the attributes of a transform, after a look at its outer shape."""
        if not isinstance(definition, Mapping):
            self.report(path, _("Write a transform in braces, with a type and its attributes."))
            return None, None
        for key in definition:
            if key not in KEYS:
                self.report(f"{path}.{key}", _("Remove it, or move it into “attributes”."))
        if flag_of(definition.get("requiresPeriodicRefresh") or False) is None:
            self.report(f"{path}.requiresPeriodicRefresh", _("Write true or false."))
        attributes = definition.get("attributes")
        if attributes is None:
            attributes = {}
        if not isinstance(attributes, Mapping):
            self.report(f"{path}.attributes", _("Write the attributes in braces."))
            return None, None
        return self._part(definition.get("type"), attributes, path), attributes

    def _part(
        self, kind: object, attributes: Mapping[str, object], path: str
    ) -> TransformType | None:
        if not isinstance(kind, str):
            self.report(f"{path}.type", _("Say which type of transform it is, as a text."))
            return None
        if kind == "rule":
            return self._operation(attributes, path)
        if kind not in transform_types:
            self.report(
                f"{path}.type",
                _("There is no type “%(type)s”. Choose one of: %(known)s.")
                % {"type": shown(kind), "known": ", ".join(type_names())},
            )
            return None
        return transform_types.get(kind)

    def _operation(self, attributes: Mapping[str, object], path: str) -> TransformType | None:
        key = f"rule:{attributes.get('operation')}"
        if attributes.get("name") == UTILITY and key in transform_types:
            return transform_types.get(key)
        known = [part.operation for _key, part in transform_types.items() if part.operation]
        self.report(
            f"{path}.attributes",
            _(
                "Rules are programs, and none is run here. Name the rule “%(utility)s” and one of "
                "its operations (%(known)s), or do it with other transforms."
            )
            % {"utility": UTILITY, "known": ", ".join(known)},
        )
        return None

    def _below(self, fields: Fields, path: str, depth: int) -> tuple[Node, list[_Piece | None]]:
        """The node of a transform, with all that is nested in it; None for what is wrong."""
        below: list[_Piece | None] = []

        def kept(piece: _Piece | None) -> Evaluate:
            below.append(piece)
            return piece.run if piece else implicit_input

        def compiled(item: object, place: str) -> Evaluate:
            if isinstance(item, Mapping):
                return kept(self._transform(item, place, depth + 1))
            text = item if item is None or isinstance(item, str) else constant(item)
            return kept(_Piece(constantly(text), 1, 0, refresh=False))

        def named(items: Mapping[str, object]) -> dict[str, Evaluate]:
            return {n: compiled(item, f"{path}.attributes.{n}") for n, item in items.items()}

        nested = named(fields.nested)
        for name, target in fields.references.items():
            nested[name] = kept(self._reference(target, f"{path}.attributes.{name}", depth))
        given = fields.constants.get("input")
        if isinstance(given, str):
            nested["input"] = constantly(given)
        lists = {
            name: [compiled(v, f"{path}.attributes.{name}[{i}]") for i, v in enumerate(items)]
            for name, items in fields.lists.items()
        }
        variables = named(fields.variables)
        node = Node(path, fields.constants, nested, lists, variables, self.uses, self.notices)
        return node, below

    def _reference(self, name: str, path: str, depth: int) -> _Piece | None:
        """The piece of another transform, compiled once however often it is named."""
        if name in self._open:
            chain = " → ".join([*self._open[self._open.index(name) :], name])
            self.report(path, _("It leads back to itself: %(chain)s.") % {"chain": chain})
            return None
        self.uses.references.add(name)
        if name not in self._finished:
            self._finished[name] = self._referenced(name, path, depth)
        piece = self._finished[name]
        if piece and depth + piece.height > MAX_DEPTH:
            self.report(path, _("Nest at most %(most)d transforms.") % {"most": MAX_DEPTH})
        return piece

    def _referenced(self, name: str, path: str, depth: int) -> _Piece | None:
        if name not in self.library:
            self.report(path, _("There is no transform called “%(name)s”.") % {"name": shown(name)})
            return None
        problem = size_problem(self.library[name])
        if problem:
            self.report(f"“{name}” $", problem.message)
            return None
        self._open.append(name)
        piece = self._transform(self.library[name], f"“{name}” $", depth + 1)
        self._open.pop()
        return piece

    def _built(self, part: TransformType, node: Node) -> Evaluate | None:
        try:
            run = part.build(node)
        except Refused as refused:
            self.report(refused.problem.path, refused.problem.message)
            return None
        return self.watch(part, node.path, run) if self.watch else run


def type_names() -> list[str]:
    """The types that a definition may name, in the order of their registration."""
    return list(dict.fromkeys(part.type for _key, part in transform_types.items()))


def _refresh(definition: object) -> bool:
    return isinstance(definition, Mapping) and (
        flag_of(definition.get("requiresPeriodicRefresh") or False) is True
    )
