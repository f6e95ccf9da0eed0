"""Whom a value of the attribute “manager” means: by Account ID, else user name, else e-mail.

The Account ID counts in the profile's own source alone: whoever fills another one, or may choose
a user name, would choose who decides for people of this one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.authorization.levels import permissions_of
from accounts.authorization.models import LevelAssignment
from accounts.identities.models import Identity, typed_alike
from accounts.identities.policies import BASIC
from accounts.lib.names import skeleton
from accounts.profiles.attributes import MANAGER
from accounts.profiles.models import AttributeMapping, IdentityAccount, IdentityProfile
from accounts.profiles.processing.models import AccountProblem
from accounts.profiles.processing.states import MANAGED, Problem
from accounts.roles import reach
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
        found |= _by_account(profile, some)
        found |= _by_user_name([value for value in some if value not in found])
        addresses += [value for value in some if value not in found and "@" in value]
    for some in _portions(addresses, ADDRESSES_AT_ONCE):
        found |= _by_address(some)
    return found


def unsettled(profile: IdentityProfile, rows: Iterable[AccountProblem]) -> list[AccountProblem]:
    """Of exceptions, those about managers that hold still: the value is the same and means nobody,
    or was refused for whom it means."""
    asked = [row for row in rows if row.kind in MANAGED]
    people = list(Identity.objects.existing().filter(pk__in=[row.identity_id for row in asked]))
    values = {person.pk: str(person.attributes.get(MANAGER, ""))[:500] for person in people}
    there = [row for row in asked if row.identity_id and values.get(row.identity_id) == row.cause]
    known = named(profile, {row.cause for row in there}) if there else {}
    ours = [row.identity_id for row in there if row.kind == Problem.MANAGER_BY_HAND]
    kept = by_hand([pk for pk in ours if pk], at=timezone.now()) if ours else frozenset()
    chosen = {person.pk: person.manager_id for person in people if person.manager_by_hand}

    def holds(row: AccountProblem) -> bool:
        if row.kind != Problem.MANAGER_BY_HAND or row.identity_id is None:
            return row.kind == Problem.OWN_MANAGER or row.cause not in known
        meant = known[row.cause].id if row.cause in known else None
        right = row.identity_id in chosen and chosen[row.identity_id] == meant
        return row.identity_id in kept and not right

    return [row for row in there if holds(row)]


def by_hand(identities: Sequence[UUID], *, at: datetime) -> frozenset[UUID]:
    """Those whose manager no mapping chooses, but a colleague: who may do more in the console
    than anybody may. Whoever keeps a source or a mapping would choose who decides about their
    own requests, or about those of somebody who may do more than they.
    """
    found = set()
    levels: dict[UUID, list[str]] = defaultdict(list)
    held = LevelAssignment.objects.filter(identity__in=identities)
    for identity, level in held.values_list("identity_id", "level"):
        levels[identity].append(level)
    found |= {identity for identity, codes in levels.items() if permissions_of(codes) > BASIC}
    roles = reach.of_identities(identities, at)
    found |= {identity for identity, carried in roles.items() if carried.permissions - BASIC}
    return frozenset(found)


def cause(row: AccountProblem) -> str:
    """Why somebody has not the manager that the mapping names, in words."""
    match row.kind:
        case Problem.OWN_MANAGER:
            said = _("“%(value)s” is managed by them already, or is they themselves.")
        case Problem.MANAGER_BY_HAND:
            said = _(
                "The mapping gives “%(value)s”. But they hold user levels or roles with rights in "
                "the console, and their manager decides about what they ask for: so a person "
                "chooses, and until then they keep the manager that they have. Choose Set Manager "
                "on the page of their identity, or ask a colleague to."
            )
        case _:
            said = _("“%(value)s” is the Account ID, user name or e-mail address of no one person.")
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
    links = IdentityAccount.objects.filter(
        source=profile.source_id,
        native_identity__in=[value for value in values if len(value) <= LONGEST_ID],
        identity__in=Identity.objects.people(),
    )
    found = links.values_list("native_identity", "identity_id", "identity__user_name")
    return {value: Manager(pk, name) for value, pk, name in found}


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
