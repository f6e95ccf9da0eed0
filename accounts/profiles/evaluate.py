"""From an account to the values of its identity: pure, and compiled once for each profile."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from django.utils.translation import gettext as _

from accounts.profiles.transforms.base import (
    MAX_TEXT,
    Account,
    BadDefinition,
    Definition,
    Evaluate,
    Problem,
    Run,
    TransformError,
    Value,
)
from accounts.profiles.transforms.compile import Compiled, compile_transform
from accounts.profiles.transforms.values import entering

MAX_VALUE: Final = 4000
"""Characters of an identity attribute; lists count all of theirs."""


@dataclass(frozen=True, slots=True)
class MappingSpec:
    """Where one identity attribute comes from."""

    attribute: str
    source: str = ""
    """The id of another source than the profile's own."""
    source_attribute: str = ""
    definition: Definition | None = None


@dataclass(frozen=True, slots=True)
class ProfileSpec:
    """All that values are calculated by."""

    sources: Mapping[str, str]
    """Each source that may be read, by its id: its name. The profile's own comes first."""
    mappings: Sequence[MappingSpec]
    library: Mapping[str, Definition] = field(default_factory=dict)

    @property
    def own_source(self) -> str:
        return next(iter(self.sources))


class ValueProblem(NamedTuple):
    """Why an attribute has no value that can be taken."""

    attribute: str
    path: str
    """Where in the transform; empty where the value itself is the trouble."""
    cause: str


class World(Protocol):
    """What evaluation may ask about other identities."""

    def manager_attribute(self, identity: Mapping[str, Any], name: str) -> Value: ...
    def reference_attribute(self, user_name: str, name: str) -> Value: ...
    def is_taken(self, user_name: str, *, by: Mapping[str, Any]) -> bool:
        """Whether another identity than `by` has this user name, or one that looks like it."""


class Nobody:
    """A world without other identities."""

    def manager_attribute(self, identity: Mapping[str, Any], name: str) -> Value:
        return None

    def reference_attribute(self, user_name: str, name: str) -> Value:
        return None

    def is_taken(self, user_name: str, *, by: Mapping[str, Any]) -> bool:
        return False


class AccountSubject:
    """One account after the other, as the transforms see them."""

    __slots__ = ("_own", "_single", "identity", "now", "others", "values", "world")

    def __init__(self, now: datetime, own_names: Iterable[str], world: World) -> None:
        self.now = now
        self.world = world
        self.identity: Mapping[str, Any] = {}
        self.values: dict[str, Value] = {}
        self.others: Mapping[str, Sequence[Account]] = {}
        self._own = frozenset(own_names)
        self._single: tuple[Account, ...] = ()

    def turn_to(
        self,
        account: Account,
        *,
        identity: Mapping[str, Any],
        others: Mapping[str, Sequence[Account]],
    ) -> None:
        """Speak of this account from now on; `identity` are its identity's values so far."""
        self._single = (account,)
        self.identity = identity
        self.others = others
        self.values = {}

    def accounts(self, source: str) -> Sequence[Account]:
        return self._single if source in self._own else self.others.get(source, ())

    def identity_attribute(self, name: str) -> Value:
        """The new value if it is known already, else the one that the identity has."""
        found = self.values.get(name)
        value: Value = self.identity.get(name) if found is None else found
        return value

    def manager_attribute(self, name: str) -> Value:
        return self.world.manager_attribute(self.identity, name)

    def reference_attribute(self, user_name: str, name: str) -> Value:
        return self.world.reference_attribute(user_name, name)

    def randbelow(self, limit: int) -> int:
        return secrets.randbelow(limit)

    def is_taken(self, user_name: str) -> bool:
        return self.world.is_taken(user_name, by=self.identity)


class _Step(NamedTuple):
    attribute: str
    member: str
    """The attribute of the account; empty where the transform reads for itself."""
    source: str
    """Another source than the profile's own; empty otherwise."""
    run: Evaluate | None
    keeps: bool
    """Whether a value that is there is kept: another evaluation would give another one."""


class Evaluated(NamedTuple):
    """The values of one account; attributes without a value are left out."""

    values: dict[str, Any]
    problems: list[ValueProblem]


@dataclass(frozen=True, slots=True)
class CompiledProfile:
    """A profile that is ready to run. It holds no state; see `subject`."""

    steps: tuple[_Step, ...]
    own_names: frozenset[str]
    other_sources: frozenset[str]
    """Ids or names of further sources that may be read."""
    depends_on_more: bool
    """Whether values may change although neither the account nor the profile did."""
    reads_identity: bool
    """Whether what the identity has so far counts."""

    def subject(self, now: datetime, world: World | None = None) -> AccountSubject:
        return AccountSubject(now, self.own_names, world or Nobody())

    def evaluate(self, subject: AccountSubject, attributes: Mapping[str, Any]) -> Evaluated:
        """The values for the account that `subject` has been turned to."""
        values = subject.values
        problems: list[ValueProblem] = []
        for attribute, member, source, run, keeps in self.steps:
            if keeps and (kept := subject.identity.get(attribute)):
                values[attribute] = kept
                continue
            try:
                value: Any = None
                if member:
                    value = _other(subject, source, member) if source else attributes.get(member)
                    # the line that every value passes: `entering` is for the rest
                    if value.__class__ is not str or len(value) > MAX_TEXT or not value.isascii():
                        value = entering(value, member)
                if run is not None:
                    value = run(Run(subject), value)
                    if value.__class__ is not str or "\x00" in value:
                        _check_storable(value)
            except TransformError as error:
                problems.append(ValueProblem(attribute, error.path, error.cause))
                continue
            if value:
                if len(value) > MAX_VALUE:
                    problems.append(ValueProblem(attribute, "", _too_long()))
                    continue
                values[attribute] = value
        return Evaluated(values, problems)


def compile_profile(spec: ProfileSpec) -> CompiledProfile:
    """Make a profile ready to run.

    Raises:
        BadDefinition: the transform of a mapping is wrong; the paths begin with the attribute.
    """
    problems: list[Problem] = []
    compiled: dict[str, Compiled] = {}
    for mapping in spec.mappings:
        if mapping.definition is None:
            continue
        try:
            compiled[mapping.attribute] = compile_transform(
                mapping.definition, library=spec.library
            )
        except BadDefinition as error:
            problems += [
                Problem(f"{mapping.attribute} {p.path}", p.message) for p in error.problems
            ]
    if problems:
        raise BadDefinition(problems)
    own = spec.own_source
    own_names = frozenset({own, spec.sources[own]})
    read = {source for part in compiled.values() for source, _name in part.account_attributes}
    read |= {mapping.source for mapping in spec.mappings if mapping.source}
    return CompiledProfile(
        steps=tuple(_step(m, compiled.get(m.attribute), own) for m in _ordered(spec, compiled)),
        own_names=own_names,
        other_sources=frozenset(read - own_names),
        depends_on_more=bool(read - own_names)
        or any(
            part.uses_now or part.uses_other_identities or part.requires_periodic_refresh
            for part in compiled.values()
        ),
        reads_identity=any(
            part.identity_attributes
            or part.uses_other_identities
            or part.uses_randomness
            or part.checks_uniqueness
            for part in compiled.values()
        ),
    )


def _step(mapping: MappingSpec, compiled: Compiled | None, own: str) -> _Step:
    return _Step(
        attribute=mapping.attribute,
        member=mapping.source_attribute,
        source="" if mapping.source == own else mapping.source,
        run=compiled.run if compiled else None,
        keeps=bool(compiled and (compiled.uses_randomness or compiled.checks_uniqueness)),
    )


def _ordered(spec: ProfileSpec, compiled: Mapping[str, Compiled]) -> list[MappingSpec]:
    """Mappings after those whose values they read; in a circle, the old value is read."""
    waiting = {mapping.attribute: mapping for mapping in spec.mappings}
    ordered: list[MappingSpec] = []

    def reads(name: str) -> frozenset[str]:
        return compiled[name].identity_attributes if name in compiled else frozenset()

    while waiting:
        ready = [n for n in waiting if not (reads(n) & waiting.keys()) - {n}]
        ordered += [waiting.pop(name) for name in ready or [next(iter(waiting))]]
    return ordered


def _other(subject: AccountSubject, source: str, member: str) -> Any:
    """The attribute of the oldest account on another source that has a value."""
    for account in sorted(subject.accounts(source), key=_created):
        value = account.attributes.get(member)
        if value is not None and value != []:
            return value
    return None


def _created(account: Account) -> datetime:
    return account.created_at


def _check_storable(value: Value) -> None:
    texts = value if isinstance(value, list) else [value]
    if any(text and "\x00" in text for text in texts):
        raise TransformError(_("The value holds a character that no text may (U+0000)."), path="$")


def _too_long() -> str:
    return _("The value is longer than %(most)d characters.") % {"most": MAX_VALUE}
