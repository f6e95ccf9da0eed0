"""Where the interchangeable parts of a family stand."""

from collections.abc import ItemsView, KeysView, ValuesView
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError

T = TypeVar("T")


class UnknownPart(DomainError):
    """Nothing is registered under that key, so whatever asked for it is refused."""

    code = "unknown_part"


class AlreadyRegistered(RuntimeError):
    """Two parts claim one key: a mistake in the code, found when Steward starts."""


class Registry(Generic[T]):
    """The parts of one family by key, in the order of registration."""

    def __init__(self, family: str) -> None:
        """`family` names the parts in messages, in the singular ("credential type")."""
        self.family = family
        self._parts: dict[str, T] = {}

    def register(self, key: str, part: T) -> None:
        """Add a part.

        Raises:
            AlreadyRegistered: the key is taken.
        """
        if key in self._parts:
            raise AlreadyRegistered(f"The {self.family} {key!r} is registered already.")
        self._parts[key] = part

    def get(self, key: str) -> T:
        """The part of that key.

        Raises:
            UnknownPart: there is none.
        """
        try:
            return self._parts[key]
        except KeyError:
            message = _("There is no %(family)s called “%(key)s”.")
            raise UnknownPart(message % {"family": self.family, "key": key}) from None

    def keys(self) -> KeysView[str]:
        return self._parts.keys()

    def items(self) -> ItemsView[str, T]:
        return self._parts.items()

    def values(self) -> ValuesView[T]:
        return self._parts.values()

    def __contains__(self, key: object) -> bool:
        return key in self._parts
