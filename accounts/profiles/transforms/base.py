"""What a transform type promises, what the compiler hands to it, and what evaluation may ask.

A definition is compiled once: each type turns its node into one closure over the closures of
what is nested in it. Evaluation then only calls closures. A closure answers a `Value` or raises
`TransformError`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from time import thread_time
from typing import Final, NoReturn, Protocol, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError

MAX_DEPTH: Final = 16
"""Transforms within transforms, references followed."""

MAX_DEFINITION: Final = 64 * 1024
"""Bytes of JSON of one definition."""

MAX_TEXT: Final = 64 * 1024
"""Characters of a value, at every step."""

MAX_STEPS: Final = 1000
"""Closures that one value may call, references counted as often as they are used: without it a
chain of references, each used ten times by the next, would run for ever."""

MAX_PATTERNS: Final = 100
"""Regular expressions of one definition, references included."""

MAX_SECONDS: Final = 0.1
"""Processor time that the regular expressions of one value may take; waiting does not count."""

Value: TypeAlias = str | list[str] | None
"""A text, several texts where a source attribute is multi-valued, or nothing."""

Definition: TypeAlias = Mapping[str, object]


class TransformError(DomainError):
    """A value could not be calculated: where in the definition, and why."""

    code = "transform_error"

    def __init__(self, cause: str, *, path: str) -> None:
        super().__init__(f"{path}: {cause}")
        self.cause = cause
        self.path = path


class TransformTooCostly(TransformError):
    """The value was given up because it took too long or grew too large; no default hides that."""

    code = "transform_too_costly"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a definition, and how to mend it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadDefinition(DomainError):
    """A definition that cannot be compiled, with everything that is wrong with it."""

    code = "bad_transform"

    def __init__(self, problems: Sequence[Problem], *, field: str | None = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), field=field)
        self.problems = tuple(problems)


class Refused(Exception):
    """Raised by a type while it builds; the compiler gathers these into one BadDefinition."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Account(Protocol):
    """One source account of the subject."""

    @property
    def native_identity(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def attributes(self) -> Mapping[str, Value]: ...


class Subject(Protocol):
    """Everything that the evaluation for one identity may ask of the world."""

    @property
    def now(self) -> datetime:
        """The moment of the evaluation, the same for all values of a run."""

    def accounts(self, source: str) -> Sequence[Account]:
        """The subject's accounts on a source, which is named by its name or its id."""

    def identity_attribute(self, name: str) -> Value: ...

    def manager_attribute(self, name: str) -> Value:
        """An identity attribute of the manager; None where there is none."""

    def reference_attribute(self, user_name: str, name: str) -> Value:
        """An identity attribute of whoever has that user name; None where nobody has."""

    def randbelow(self, limit: int) -> int:
        """An unpredictable number from 0 to `limit - 1`."""

    def is_taken(self, user_name: str) -> bool: ...


class Run:
    """The evaluation of one value."""

    __slots__ = ("_deadline", "subject")

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._deadline = 0.0

    def check_time(self, path: str) -> None:
        """Called wherever the work may be large.

        Raises:
            TransformTooCostly: this value has used up its time.
        """
        spent = thread_time()
        if not self._deadline:
            self._deadline = spent + MAX_SECONDS
        elif spent > self._deadline:
            raise TransformTooCostly(
                _("This value takes too long to calculate: simplify it, or shorten its input."),
                path=path,
            )


Evaluate: TypeAlias = Callable[[Run, Value], Value]
"""The second argument is the implicit input: the attribute that the mapping names."""


def implicit_input(_run: Run, given: Value) -> Value:
    return given


class Kind(StrEnum):
    """What an attribute of a transform may hold."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    VALUE = "value"  # a text, or a transform
    NUMBER_OR_VALUE = "number or value"
    VALUES = "values"
    TEXTS = "texts"
    TABLE = "table"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a transform type, as validation and the editor know it."""

    name: str
    kind: Kind
    help: str | Promise
    required: bool = False
    default: str | int | bool | None = None
    choices: tuple[str, ...] = ()
    """Texts to choose from, whatever their case."""
    minimum: int | None = None
    maximum: int | None = None
    template: bool = False
    """`$name` in its text stands for a variable."""


@dataclass(slots=True)
class Uses:
    """What a compiled definition will ask for; the compiler fills it while it builds."""

    account_attributes: set[tuple[str, str]] = field(default_factory=set)
    """(source name or id, attribute name)."""
    identity_attributes: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    now: bool = False
    randomness: bool = False
    other_identities: bool = False
    uniqueness: bool = False
    patterns: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """One transform of a definition, validated, with everything nested in it compiled."""

    path: str
    constants: Mapping[str, str | int | bool | list[str] | dict[str, str | None]]
    nested: Mapping[str, Evaluate]
    lists: Mapping[str, list[Evaluate]]
    variables: Mapping[str, Evaluate]
    uses: Uses
    notices: list[Problem]

    @property
    def input(self) -> Evaluate:
        return self.nested.get("input", implicit_input)

    def text(self, name: str) -> str:
        """The constant text of an attribute; "" where it has none."""
        value = self.constants.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        value = self.constants.get(name)
        return value if isinstance(value, int) else None

    def flag(self, name: str) -> bool:
        return self.constants.get(name) is True

    def texts(self, name: str) -> list[str]:
        value = self.constants.get(name)
        return value if isinstance(value, list) else []

    def table(self, name: str) -> dict[str, str | None]:
        value = self.constants.get(name)
        return value if isinstance(value, dict) else {}

    def place(self, attribute: str) -> str:
        return f"{self.path}.attributes.{attribute}"

    def refuse(self, message: str, *, at: str) -> NoReturn:
        """Say what is wrong with an attribute and how to mend it."""
        raise Refused(Problem(self.place(at), message))

    def notice(self, message: str, *, at: str) -> None:
        """Say what works, but perhaps otherwise than its author thought."""
        self.notices.append(Problem(self.place(at), message))

    def error(self, cause: str) -> TransformError:
        return TransformError(cause, path=self.path)


class TransformType(Protocol):
    """A kind of transform: its words, its declaration, and how it becomes a closure."""

    @property
    def type(self) -> str: ...
    @property
    def operation(self) -> str:
        """For the operations of the type `rule`; "" for all others."""

    @property
    def label(self) -> str | Promise: ...
    @property
    def description(self) -> str | Promise: ...
    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Without `input`, which every type has."""

    @property
    def variables(self) -> bool:
        """Whether other attributes may be declared, for `$name` to stand for."""

    @property
    def sample(self) -> Definition: ...

    def build(self, node: Node) -> Evaluate:
        """The closure for one node.

        Raises:
            Refused: an attribute is of the right kind, and yet cannot be used.
        """


class PlainTransform:
    """The defaults of a type; only convenience, the contract is `TransformType`."""

    operation: str = ""
    attributes: tuple[Attribute, ...] = ()
    variables: bool = False
