"""What an import does, or would do: each thing with its fate, and what differs of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accounts.bundles.format import Bundle
from accounts.bundles.members import Member
from accounts.bundles.parts import parts
from accounts.bundles.parts.base import Thing


class Fate(StrEnum):
    """What becomes of a thing, problems first."""

    PROBLEM = "problem"
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ONLY_HERE = "only_here"


@dataclass(frozen=True, slots=True)
class Change:
    """One field, as people read it; an empty side has no value."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of the bundle, or one that is only here."""

    part: str
    name: str
    fate: Fate
    problem: str = ""
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class BundlePlan:
    """Everything that the bundle holds and that is here, in the order of the parts."""

    lines: tuple[Line, ...]
    digest: str
    """Another one as soon as the bundle, what is here, or what would come of it differs."""

    def of(self, fate: Fate) -> list[Line]:
        return [line for line in self.lines if line.fate == fate]

    def count(self, fate: Fate) -> int:
        return len(self.of(fate))

    @property
    def has_problems(self) -> bool:
        return bool(self.count(Fate.PROBLEM))

    @property
    def differences(self) -> int:
        return self.count(Fate.CREATED) + self.count(Fate.CHANGED)


def make_plan(
    bundle: Bundle,
    before: Bundle,
    after: Bundle,
    problems: Mapping[tuple[str, str], str],
    notes: Mapping[tuple[str, str], Sequence[str]],
) -> BundlePlan:
    """The plan of a bundle by what was here, and what is here with the bundle taken over."""
    lines: list[Line] = []
    for key, part in parts.items():
        old, new = _by_name(before[key]), _by_name(after[key])
        for name in sorted(_by_name(bundle[key])):
            told = tuple(notes.get((key, name), ()))
            if problem := problems.get((key, name)):
                lines.append(Line(key, name, Fate.PROBLEM, problem))
                continue
            changes = _changes(part.members, old.get(name), new[name])
            fate = Fate.CREATED if name not in old else Fate.CHANGED
            if name in old and old[name] == new[name]:
                fate, changes = Fate.UNCHANGED, ()
            lines.append(Line(key, name, fate, changes=changes, notes=told))
        here = sorted(old.keys() - _by_name(bundle[key]).keys())
        lines += [Line(key, name, Fate.ONLY_HERE) for name in here]
    seen = [bundle, before, after, [[line.part, line.name, line.problem] for line in lines]]
    return BundlePlan(tuple(lines), _digest(seen))


def _by_name(things: Sequence[Thing]) -> dict[str, Thing]:
    return {thing["name"]: thing for thing in things}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _changes(members: Mapping[str, Member], old: Thing | None, new: Thing) -> tuple[Change, ...]:
    before, after = _told(members, old), _told(members, new)
    fields = list(dict.fromkeys([*before, *after]))
    return tuple(
        Change(field, before.get(field, ""), after.get(field, ""))
        for field in fields
        if before.get(field) != after.get(field)
    )


def _told(members: Mapping[str, Member], thing: Thing | None) -> dict[str, str]:
    if thing is None:
        return {}
    return {
        field: text
        for name, member in members.items()
        if name != "name"
        for field, text in member.told(thing[name], str(member.label))
    }
