"""A subject that is made of given facts: for previews, for the tester of the editor, for tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from accounts.profiles.transforms.base import Account, Value


@dataclass(frozen=True, slots=True)
class GivenAccount:
    """An account with its attributes."""

    attributes: Mapping[str, Value]
    native_identity: str = ""
    name: str = ""
    created_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GivenSubject:
    """Facts about one identity; what is not given is not there."""

    now: datetime
    accounts_by_source: Mapping[str, Sequence[Account]] = field(default_factory=dict)
    identity: Mapping[str, Value] = field(default_factory=dict)
    manager: Mapping[str, Value] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Identity attributes by user name."""
    taken: Set[str] = frozenset()
    randbelow: Callable[[int], int] = secrets.randbelow

    def accounts(self, source: str) -> Sequence[Account]:
        return self.accounts_by_source.get(source, ())

    def identity_attribute(self, name: str) -> Value:
        return self.identity.get(name)

    def manager_attribute(self, name: str) -> Value:
        return self.manager.get(name)

    def reference_attribute(self, user_name: str, name: str) -> Value:
        return self.others.get(user_name, {}).get(name)

    def is_taken(self, user_name: str) -> bool:
        return user_name in self.taken
