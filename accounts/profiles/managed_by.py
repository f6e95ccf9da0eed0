"""Whom a value of the attribute “manager” means: by user name, else Account ID, else e-mail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.identities.models import Identity, typed_alike
from accounts.lib.names import skeleton
from accounts.profiles.attributes import MANAGER
from accounts.profiles.models import AttributeMapping, IdentityAccount, IdentityProfile
from accounts.profiles.processing.models import AccountProblem
from accounts.profiles.processing.states import MANAGED, Problem
from accounts.sources.shape import LONGEST_ID

AT_ONCE: Final = 1_000
"""Values that one statement looks for."""
ADDRESSES_AT_ONCE: Final = 10_000
"""No index ignores case, so each statement reads all people once."""


@dataclass(frozen=True, slots=True)
class Manager:
    """A person whom a value means."""

    id: UUID
    user_name: str


def are_mapped(profile: IdentityProfile) -> bool:
    """Whether the profile says who manages its identities."""
    return AttributeMapping.objects.filter(profile=profile, attribute=MANAGER).exists()


def named(profile: IdentityProfile, values: Iterable[str]) -> dict[str, Manager]:
    """The people whom the values mean; without those that mean nobody, or several."""
    found: dict[str, Manager] = {}
    addresses: list[str] = []
    for some in _portions(values, AT_ONCE):
        found |= _by_user_name(some)
        left = [value for value in some if value not in found]
        found |= _by_account(profile, left)
        addresses += [value for value in left if value not in found and "@" in value]
    for some in _portions(addresses, ADDRESSES_AT_ONCE):
        found |= _by_address(some)
    return found


def unsettled(profile: IdentityProfile, rows: Iterable[AccountProblem]) -> list[AccountProblem]:
    """Of exceptions, those about managers that hold still: the value is the same and means nobody,
    or was refused for whom it means."""
    asked = [row for row in rows if row.kind in MANAGED]
    people = Identity.objects.existing().filter(pk__in=[row.identity_id for row in asked])
    values = {person.pk: str(person.attributes.get(MANAGER, ""))[:500] for person in people}
    there = [row for row in asked if row.identity_id and values.get(row.identity_id) == row.cause]
    known = named(profile, {row.cause for row in there}) if there else {}
    return [row for row in there if row.kind == Problem.OWN_MANAGER or row.cause not in known]


def cause(row: AccountProblem) -> str:
    """Why somebody has not the manager that the mapping names, in words."""
    said = (
        _("“%(value)s” is managed by them already, or is they themselves.")
        if row.kind == Problem.OWN_MANAGER
        else _("“%(value)s” is the user name, Account ID or e-mail address of no one person.")
    )
    return said % {"value": row.cause}


def _portions(values: Iterable[str], size: int) -> Iterator[list[str]]:
    ordered = iter(values)
    while some := list(islice(ordered, size)):
        yield some


def _by_user_name(values: list[str]) -> dict[str, Manager]:
    keys = {value: skeleton(value) for value in values}
    people = Identity.objects.people().filter(user_name_key__in=set(keys.values()))
    known = {
        key: (Manager(pk, name), typed_alike(name))
        for pk, name, key in people.values_list("pk", "user_name", "user_name_key")
    }
    return {
        value: known[key][0]
        for value, key in keys.items()
        if key in known and known[key][1] == typed_alike(value)
    }


def _by_account(profile: IdentityProfile, values: list[str]) -> dict[str, Manager]:
    """By the Account ID in the profile's own source, else in one other."""
    asked = [value for value in values if len(value) <= LONGEST_ID]
    own = _accounts([profile.source_id], asked)
    left = [value for value in asked if value not in own]
    others = IdentityProfile.objects.existing().exclude(pk=profile.pk)
    elsewhere = _accounts(list(others.values_list("source_id", flat=True)), left) if left else {}
    return own | elsewhere


def _accounts(sources: list[UUID], values: list[str]) -> dict[str, Manager]:
    links = IdentityAccount.objects.filter(
        source__in=sources,
        native_identity__in=values,
        identity__in=Identity.objects.people(),
    )
    people: dict[str, set[Manager]] = defaultdict(set)
    for value, pk, name in links.values_list(
        "native_identity", "identity_id", "identity__user_name"
    ):
        people[value].add(Manager(pk, name))
    return _only(people)


def _by_address(values: list[str]) -> dict[str, Manager]:
    addresses = {value: value.lower() for value in values}
    found = Identity.objects.people().annotate(address=Lower("email"))
    people: dict[str, set[Manager]] = defaultdict(set)
    rows = found.filter(address__in=set(addresses.values()))
    for address, pk, name in rows.values_list("address", "pk", "user_name"):
        people[address].add(Manager(pk, name))
    known = _only(people)
    return {value: known[address] for value, address in addresses.items() if address in known}


def _only(people: dict[str, set[Manager]]) -> dict[str, Manager]:
    return {value: next(iter(some)) for value, some in people.items() if len(some) == 1}
