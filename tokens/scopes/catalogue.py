"""The scopes that exist, read from one data file a vendor; a tenant can add its own."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

DATA_FOLDER: Final = Path(__file__).parent / "data"

SCOPE_NAME: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""scope-token of RFC 6749 section 3.3."""


class BadCatalogue(ValueError):
    """A data file contradicts itself: a mistake in the data, found when Steward starts."""


class Mark(StrEnum):
    """What someone who chooses scopes must know about one."""

    DEPRECATED = "deprecated"
    UNDER_DEVELOPMENT = "under_development"
    RESTRICTED = "restricted"
    ADD_ON = "add_on"


@dataclass(frozen=True, slots=True)
class Implication:
    """A scope that another one lets through although it was not granted; always deprecated."""

    scope: str
    notified_on: date
    end_of_life: date


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path and all below it; no methods means every method."""

    path: str
    methods: frozenset[str] = frozenset()

    def serves(self, method: str, path: str) -> bool:
        method = "GET" if method == "HEAD" else method
        below = path == self.path or path.startswith(f"{self.path}/")
        return below and (not self.methods or method in self.methods)


@dataclass(frozen=True, slots=True)
class Scope:
    """One right, in the vendor's words; `plain` says in ours what its holder can do."""

    name: str
    purpose: str
    reference: str = ""
    description: str = ""
    plain: str = ""
    note: str = ""
    parent: str | None = None
    implies: Implication | None = None
    endpoints: tuple[Endpoint, ...] = ()
    marks: Mapping[Mark, str] = field(default_factory=dict)
    """Each with its reason."""
    published: bool = True
    """Stands in the tree that clients read."""

    @property
    def restricted(self) -> bool:
        return Mark.RESTRICTED in self.marks


@dataclass(frozen=True, slots=True)
class Section:
    """Scopes under one heading, in the order in which people see them."""

    title: str
    introduction: str
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """Scopes that are often chosen together."""

    key: str
    title: str
    purpose: str
    scopes: tuple[str, ...]


class Catalogue:
    """All scopes by name; iterating gives their names in the order of the sections."""

    def __init__(self, sections: Iterable[Section], presets: Iterable[Preset] = ()) -> None:
        """Raises:
        BadCatalogue: a name is taken twice or malformed, or leads to a scope that is not there.
        """
        self.sections = tuple(sections)
        self.presets = tuple(presets)
        self._scopes: dict[str, Scope] = {}
        self._children: dict[str, list[str]] = {}
        self._places: dict[str, int] = {}
        for scope in (scope for section in self.sections for scope in section.scopes):
            self._add(scope)
        self._check_links()

    def _add(self, scope: Scope) -> None:
        if scope.name in self._scopes or not SCOPE_NAME.fullmatch(scope.name):
            raise BadCatalogue(f"{scope.name!r} is twice in the catalogue or not a scope name")
        self._places[scope.name] = len(self._scopes)
        self._scopes[scope.name] = scope
        if scope.parent:
            self._children.setdefault(scope.parent, []).append(scope.name)

    def _check_links(self) -> None:
        for scope in self._scopes.values():
            for link in (scope.parent, scope.implies and scope.implies.scope):
                if link and link not in self._scopes:
                    raise BadCatalogue(f"{scope.name} leads to {link}, which is not there")
            if scope.name in self.ancestors(scope.name):
                raise BadCatalogue(f"{scope.name} is its own parent")
        for preset in self.presets:
            unknown = [name for name in preset.scopes if name not in self._scopes]
            if unknown:
                raise BadCatalogue(f"The preset {preset.key} names {unknown}")

    def __contains__(self, name: object) -> bool:
        return name in self._scopes

    def __iter__(self) -> Iterator[str]:
        return iter(self._scopes)

    def __len__(self) -> int:
        return len(self._scopes)

    def get(self, name: str) -> Scope | None:
        return self._scopes.get(name)

    def children(self, name: str) -> list[Scope]:
        return [self._scopes[child] for child in self._children.get(name, ())]

    def ancestors(self, name: str) -> list[str]:
        """What covers a scope, nearest first; stops where a circle closes."""
        found: list[str] = []
        scope = self._scopes.get(name)
        while scope and scope.parent and scope.parent not in found:
            found.append(scope.parent)
            scope = self._scopes.get(scope.parent)
        return found

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Each name once, in the order of the catalogue; unknown ones last, by name."""
        last = len(self._places)
        return sorted(set(names), key=lambda name: (self._places.get(name, last), name))

    def needed_for(self, method: str, path: str) -> str | None:
        """The least scope that opens a path to a method, or None where no scope does."""
        fits = [
            (-len(endpoint.path), not endpoint.methods, self._places[scope.name], scope.name)
            for scope in self._scopes.values()
            for endpoint in scope.endpoints
            if endpoint.serves(method.upper(), path)
        ]
        return min(fits)[-1] if fits else None

    def with_sections(self, sections: Iterable[Section]) -> Self:
        """This catalogue with a tenant's own sections at its end."""
        return type(self)([*self.sections, *sections], self.presets)


@cache
def installed() -> Catalogue:
    """The catalogue of all data files that Steward ships with."""
    return load(sorted(DATA_FOLDER.glob("*.json")))


def load(files: Iterable[Path]) -> Catalogue:
    """Read catalogues, in that order.

    Raises:
        BadCatalogue: they contradict themselves or each other.
    """
    documents = [json.loads(file.read_text("utf-8")) for file in files]
    return Catalogue(
        [_section(entry) for document in documents for entry in document["sections"]],
        [_preset(entry) for document in documents for entry in document.get("presets", ())],
    )


def _section(entry: Mapping[str, Any]) -> Section:
    scopes = tuple(_scope(scope) for scope in entry["scopes"])
    return Section(entry["title"], entry.get("introduction", ""), scopes)


def _preset(entry: Mapping[str, Any]) -> Preset:
    return Preset(entry["key"], entry["title"], entry["purpose"], tuple(entry["scopes"]))


def _scope(entry: Mapping[str, Any]) -> Scope:
    return Scope(
        name=entry["scope"],
        purpose=entry["purpose"],
        reference=entry.get("reference", ""),
        description=entry.get("description", ""),
        plain=entry.get("plain", ""),
        note=entry.get("note", ""),
        parent=entry.get("parent"),
        implies=_implication(entry["implies"]) if "implies" in entry else None,
        endpoints=tuple(
            Endpoint(endpoint["path"], frozenset(endpoint.get("methods", ())))
            for endpoint in entry.get("endpoints", ())
        ),
        marks={Mark(mark): reason for mark, reason in entry.get("marks", {}).items()},
        published=entry.get("published", True),
    )


def _implication(entry: Mapping[str, str]) -> Implication:
    notified_on = date.fromisoformat(entry["notified_on"])
    return Implication(entry["scope"], notified_on, date.fromisoformat(entry["end_of_life"]))
