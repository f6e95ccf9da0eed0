"""The other identities, as evaluation asks about them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_user_name, skeleton
from accounts.profiles.transforms.base import Value

REMEMBERED: Final = 10_000
"""Identities; managers are asked for again and again."""

ID: Final = "\x00id"
"""Under this name evaluation finds the id of the identity at hand among its values."""


class Database:
    """Answers from the table of identities, as it is when first asked."""

    def __init__(self) -> None:
        self._by_name = lru_cache(maxsize=REMEMBERED)(_values_by_name)
        self._manager_of = lru_cache(maxsize=REMEMBERED)(_values_of_manager)
        self._given: set[str] = set()

    def manager_attribute(self, identity: Mapping[str, Any], name: str) -> Value:
        found = self._manager_of(identity[ID]) if identity.get(ID) else {}
        value: Value = found.get(name)
        return value

    def reference_attribute(self, user_name: str, name: str) -> Value:
        value: Value = self._by_name(user_name).get(name)
        return value

    def is_taken(self, user_name: str, *, by: Mapping[str, Any]) -> bool:
        """Also by one that was answered as free before: two new identities get one each."""
        key = skeleton(user_name)
        if key in self._given or _is_taken(user_name, key, by):
            return True
        self._given.add(key)
        return False


def values_of(identity: Identity) -> dict[str, Any]:
    """The identity attributes that an identity has, its columns included."""
    columns = {
        "uid": identity.user_name,
        "email": identity.email,
        "lastname": identity.last_name,
        "firstname": identity.first_name,
        "displayName": identity.display_name,
    }
    return {name: text for name, text in columns.items() if text} | dict(identity.attributes)


def _values_by_name(user_name: str) -> dict[str, Any]:
    found = Identity.objects.existing().filter(user_name_key=skeleton(user_name)).first()
    return values_of(found) if found else {}


def _values_of_manager(identity_id: Any) -> dict[str, Any]:
    found = Identity.objects.existing().filter(reports__pk=identity_id).first()
    return values_of(found) if found else {}


def _is_taken(user_name: str, key: str, by: Mapping[str, Any]) -> bool:
    try:
        clean_user_name(user_name)
    except DomainError:
        return False  # it is refused for what it is, later
    taken = Identity.objects.existing().filter(user_name_key=key)
    return taken.exclude(pk=by[ID]).exists() if by.get(ID) else taken.exists()
