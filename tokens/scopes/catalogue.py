"""The scopes that exist: the catalogues of vendors, and what a tenant adds of its own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self

from accounts.authorization.permissions import Permission

SCOPE_NAME: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""scope-token of RFC 6749 section 3.3."""


class BadCatalogue(ValueError):
    """A data file contradicts itself: a mistake in the data, found when Steward starts."""


class Bound(StrEnum):
    """What decides whether somebody carries a scope."""

    ACCOUNT = "account"
    """The account was given it, or a role of it."""
    LEVELS = "levels"
    """A user level of the holder carries it."""


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
    levels: frozenset[str] = frozenset()
    """Where levels bound it: those of which any one carries it, by SailPoint's names."""
    permissions: frozenset[Permission] = frozenset()
    """Where it opens nothing without one of these, which levels and roles give."""
    by_administrators: bool = False
    """Given by administrators alone, and by itself: a scope that anybody gives covers it not."""
    marks: Mapping[Mark, str] = field(default_factory=dict)
    """Each with its reason."""
    published: bool = True
    """Stands in the tree that clients read."""

    @property
    def restricted(self) -> bool:
        return Mark.RESTRICTED in self.marks


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who defines scopes: a vendor's product, or an API of this tenant."""

    key: str
    title: str
    bound: Bound = Bound.ACCOUNT
    introduction: str = ""
    everything: str = ""
    """The scope of theirs that covers all others of theirs; empty where there is none."""
    audience: str = ""
    """What their tokens name as `aud`; empty for this server itself."""


@dataclass(frozen=True, slots=True)
class Section:
    """Scopes of one publisher under one heading, in the order in which people see them."""

    title: str
    introduction: str
    scopes: tuple[Scope, ...]
    publisher: Publisher


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
        self._publishers: dict[str, Publisher] = {}
        self._children: dict[str, list[str]] = {}
        self._places: dict[str, int] = {}
        for section in self.sections:
            for scope in section.scopes:
                self._add(scope, section.publisher)
        for scope in self._scopes.values():
            self._check_links(scope)
        self._check_presets()

    def _add(self, scope: Scope, publisher: Publisher) -> None:
        if scope.name in self._scopes or not SCOPE_NAME.fullmatch(scope.name):
            raise BadCatalogue(f"{scope.name!r} is twice in the catalogue or not a scope name")
        if bool(scope.levels) is not (publisher.bound is Bound.LEVELS):
            raise BadCatalogue(f"{scope.name} names levels where none bound it, or none at all")
        if scope.permissions and not scope.levels:
            raise BadCatalogue(f"{scope.name} names permissions where no level bounds it")
        self._places[scope.name] = len(self._scopes)
        self._scopes[scope.name] = scope
        self._publishers[scope.name] = publisher
        if scope.parent:
            self._children.setdefault(scope.parent, []).append(scope.name)

    def _check_links(self, scope: Scope) -> None:
        publisher = self._publishers[scope.name]
        implied = scope.implies.scope if scope.implies else ""
        for link in (scope.parent, implied, publisher.everything):
            if link and self._publishers.get(link) != publisher:
                raise BadCatalogue(f"{scope.name} leads to {link}, which is not there")
        if scope.name in self._line(scope):
            raise BadCatalogue(f"{scope.name} is its own parent")

    def _check_presets(self) -> None:
        for preset in self.presets:
            unknown = [name for name in preset.scopes if name not in self._scopes]
            if unknown:
                raise BadCatalogue(f"The preset {preset.key} names {unknown}")
        if len({preset.key for preset in self.presets}) != len(self.presets):
            raise BadCatalogue("Two presets have one key")

    def __contains__(self, name: object) -> bool:
        return name in self._scopes

    def __iter__(self) -> Iterator[str]:
        return iter(self._scopes)

    def __len__(self) -> int:
        return len(self._scopes)

    def get(self, name: str) -> Scope | None:
        return self._scopes.get(name)

    @property
    def publishers(self) -> list[Publisher]:
        return list(dict.fromkeys(section.publisher for section in self.sections))

    def publisher_of(self, name: str) -> Publisher | None:
        return self._publishers.get(name)

    def is_bound_by_levels(self, name: str) -> bool:
        publisher = self._publishers.get(name)
        return publisher is not None and publisher.bound is Bound.LEVELS

    def children(self, name: str) -> list[Scope]:
        return [self._scopes[child] for child in self._children.get(name, ())]

    def ancestors(self, name: str) -> list[str]:
        """What covers a scope, nearest first."""
        scope = self._scopes.get(name)
        if scope is None:
            return []
        found = self._line(scope)
        everything = self._publishers[name].everything
        if everything and everything not in (name, *found):
            found.append(everything)
        if scope.by_administrators:
            return [above for above in found if self._scopes[above].by_administrators]
        return found

    def _line(self, scope: Scope) -> list[str]:
        """What a scope stands below; ends where a circle closes."""
        found: list[str] = []
        above: Scope | None = scope
        while above and above.parent and above.parent not in found:
            found.append(above.parent)
            above = self._scopes.get(above.parent)
        return found

    def below(self, name: str) -> list[str]:
        """What a scope covers beside itself, in the order of the catalogue."""
        return [other for other in self._scopes if name in self.ancestors(other)]

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
