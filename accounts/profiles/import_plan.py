"""What an import of transforms would do, before it does it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name
from accounts.profiles.importing import differs
from accounts.profiles.library import body_of
from accounts.profiles.models import Transform
from accounts.profiles.transforms.base import BadDefinition, Definition
from accounts.profiles.transforms.compile import compile_transform
from accounts.profiles.transforms.export import Export
from accounts.profiles.usage import names_in


class Fate(StrEnum):
    """What becomes of a transform of an export."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """One transform of an export."""

    name: str
    type: str
    fate: Fate
    reasons: tuple[str, ...] = ()
    """Why it is refused, each with its mend."""
    before: Definition | None = None
    """What it is to replace."""
    after: Definition | None = None


@dataclass(frozen=True, slots=True)
class TransformsPlan:
    """Everything that an export holds, in its order."""

    lines: tuple[Line, ...]
    given: Export
    export: Export
    """Without what is refused."""

    def count(self, fate: Fate) -> int:
        return sum(line.fate == fate for line in self.lines)

    @property
    def changes(self) -> int:
        return self.count(Fate.NEW) + self.count(Fate.CHANGED)

    @property
    def digest(self) -> str:
        """Differs when the import would do anything else."""
        told = [[line.name, line.fate, line.before, line.after] for line in self.lines]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def plan_transforms(export: Export) -> TransformsPlan:
    """Look at each transform of an export; what names a refused one is refused along with it."""
    there = {row.name: row for row in Transform.objects.order_by("name")}
    bodies: dict[str, dict[str, Any]] = {}
    named: list[tuple[str, str]] = []
    for definition in export.definitions:
        try:
            name = clean_name(str(definition["name"]))
        except DomainError as error:
            named.append(("", error.message))
            continue
        named.append(("", _("It has the name of another one.")) if name in bodies else (name, ""))
        bodies.setdefault(name, body_of(definition))
    refused: dict[str, list[str]] = {}
    for name, body in bodies.items():
        if name in there and differs(there[name], body) and (why := _fixed(there[name], body)):
            refused[name] = [why]
    refused |= _wrong(
        {n: b for n, b in bodies.items() if n not in refused},
        {name: row.definition for name, row in there.items()},
    )
    lines = [
        _line(name, bodies[name], there.get(name), refused.get(name, []))
        if name
        else Line(str(definition["name"]), str(definition["type"]), Fate.REFUSED, (why,))
        for definition, (name, why) in zip(export.definitions, named, strict=True)
    ]
    kept = [d for d, line in zip(export.definitions, lines, strict=True) if not line.reasons]
    return TransformsPlan(tuple(lines), export, Export(tuple(kept), export.skipped))


def _line(name: str, body: Definition, row: Transform | None, reasons: list[str]) -> Line:
    kind, after = str(body["type"]), {**body, "name": name}
    if reasons:
        return Line(name, kind, Fate.REFUSED, tuple(reasons))
    if row is None:
        return Line(name, kind, Fate.NEW, after=after)
    if differs(row, body):
        return Line(name, kind, Fate.CHANGED, before=row.definition, after=after)
    return Line(name, kind, Fate.SAME)


def _fixed(row: Transform, body: Mapping[str, Any]) -> str:
    if row.built_in:
        return _("A built-in transform has this name, and stays as it is: rename this one.")
    if row.type != body["type"]:
        message = _("The one that is here is of type “%(type)s”: rename one of them.")
        return message % {"type": row.type}
    return ""


def _wrong(
    bodies: Mapping[str, Mapping[str, Any]], there: Mapping[str, Definition]
) -> dict[str, list[str]]:
    """Reasons by name, for those that cannot be compiled, or that would break one that is here.

    Whatever names a refused one is looked at again, until no more are refused.
    """
    left, refused = dict(bodies), dict[str, list[str]]()
    while True:
        everything = {**there, **{name: {**body, "name": name} for name, body in left.items()}}
        uses = {name: names_in(definition) for name, definition in everything.items()}
        found: dict[str, list[str]] = {}
        for name, definition in everything.items():
            used = [name] if name in left else _reached(name, uses) & left.keys()
            problems = _problems(name, definition, everything) if used else []
            if not problems:
                continue
            if name in left:
                found[name] = problems
                continue
            said = _("The transform “%(name)s” that is here uses it, and would break.")
            for guilty in used:
                found.setdefault(guilty, []).append(said % {"name": name})
        if not found:
            return refused
        refused |= found
        left = {name: body for name, body in left.items() if name not in found}


def _reached(name: str, uses: Mapping[str, set[str]]) -> set[str]:
    """The transforms that one uses, at any distance."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        new = uses.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def _problems(name: str, definition: Definition, library: Mapping[str, Definition]) -> list[str]:
    try:
        compile_transform({**definition, "name": name}, library=library)
    except BadDefinition as error:
        return list(map(str, error.problems))
    return []
