"""Who is in which life-cycle state, for lists and filters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import CharField, Count, ExpressionWrapper, F
from django.db.models.fields.json import KT

from accounts.identities.models import Identity, IdentityQuerySet
from accounts.profiles.attributes import LIFECYCLE_STATE
from accounts.profiles.lifecycle_states.models import IdentityLifecycle, LifecycleState
from accounts.profiles.models import IdentityAccount, IdentityProfile

STATE: Final = ExpressionWrapper(KT(f"attributes__{LIFECYCLE_STATE}"), output_field=CharField())
"""The technical name as text: without the wrapper it would be compared as JSON."""


COUNTED: Final = 10_000
"""Identities in a state; a list says of more that there are more."""


@dataclass(frozen=True, slots=True)
class StateOf:
    """The state of one identity as a list shows it."""

    name: str
    technical_name: str
    is_manual: bool
    """Whether a person set it."""


def of(profile: IdentityProfile) -> list[LifecycleState]:
    """The states of a profile in their order."""
    return list(profile.lifecycle_states.order_by("priority", "name", "pk"))


def profile_of(identity: Identity) -> IdentityProfile | None:
    """The profile that an identity belongs to."""
    leading = IdentityAccount.objects.filter(identity=identity, leads=True)
    found = IdentityProfile.objects.existing().select_related("source")
    return found.filter(source__in=leading.values("source")).first()


def in_state(identities: IdentityQuerySet, technical_name: str) -> IdentityQuerySet:
    """Those of the identities that are in a state, in whichever profile."""
    return identities.alias(lifecycle_state=STATE).filter(lifecycle_state=technical_name)


def in_no_state(identities: IdentityQuerySet) -> IdentityQuerySet:
    return identities.alias(lifecycle_state=STATE).filter(lifecycle_state__isnull=True)


def identities_in(state: LifecycleState) -> IdentityQuerySet:
    """The identities of a profile that are in one of its states."""
    links = IdentityAccount.objects.filter(source=state.profile.source_id, leads=True)
    mine = Identity.objects.existing().filter(pk__in=links.values("identity_id"))
    return in_state(mine, state.technical_name)


def counts(profile: IdentityProfile) -> dict[str, int]:
    """How many identities of a profile are in each state, by technical name.

    In a large source no further than one more than `COUNTED`, state by state.
    """
    links = IdentityAccount.objects.filter(source=profile.source_id, leads=True)
    mine = Identity.objects.existing().filter(pk__in=links.values("identity_id"))
    if profile.source.account_count > COUNTED:
        names = [state.technical_name for state in of(profile)]
        return {name: in_state(mine, name)[: COUNTED + 1].count() for name in names}
    found = mine.annotate(lifecycle_state=STATE).values_list("lifecycle_state")
    return {state: n for state, n in found.annotate(n=Count("pk")).order_by() if state}


def choices() -> list[tuple[str, str]]:
    """(technical name, name) of the states of all profiles, each technical name once."""
    rows = LifecycleState.objects.filter(profile__deleted_at=None).order_by(
        "technical_name", "profile__priority", "pk"
    )
    names: dict[str, str] = {}
    for technical_name, name in rows.values_list("technical_name", "name"):
        names.setdefault(technical_name, name)
    return sorted(names.items(), key=lambda pair: pair[1].casefold())


def states_of(identities: Collection[Identity]) -> dict[UUID, StateOf]:
    """The states of the identities of one page, in three queries; those in none are left out."""
    held = {
        identity.pk: str(identity.attributes[LIFECYCLE_STATE])
        for identity in identities
        if identity.attributes.get(LIFECYCLE_STATE)
    }
    if not held:
        return {}
    links = IdentityAccount.objects.filter(identity__in=held, leads=True)
    sources = dict(links.values_list("identity_id", "source_id"))
    rows = LifecycleState.objects.filter(
        profile__source__in=set(sources.values()), profile__deleted_at=None
    ).annotate(source=F("profile__source_id"))
    names = {(row.source, row.technical_name): row.name for row in rows}
    manual = set(
        IdentityLifecycle.objects.filter(identity__in=held)
        .exclude(manual_state="")
        .values_list("identity_id", flat=True)
    )
    return {
        pk: StateOf(names.get((sources.get(pk), state), state), state, pk in manual)
        for pk, state in held.items()
    }
