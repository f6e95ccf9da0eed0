from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from accounts.identities.models import Identity, IdentityQuerySet
from accounts.imports.models import ImportRun
from accounts.imports.states import State as ImportState
from accounts.profiles.attributes import AttributeInfo, known
from accounts.profiles.models import (
    AttributeMapping,
    IdentityAccount,
    IdentityProfile,
    IdentityProfileQuerySet,
    Transform,
)
from accounts.profiles.processing.models import PlannedEffect, Processing
from accounts.profiles.processing.states import Effect
from accounts.profiles.world import values_of
from accounts.sources.models import Source, SourceAccount, SourceQuerySet


def visible_to(person: Identity) -> IdentityProfileQuerySet:
    """Profiles with source and owner; order by ("priority", "name", "id")."""
    return IdentityProfile.objects.visible_to(person).select_related("source", "owner")


def to_be_applied() -> QuerySet[IdentityProfile]:
    """Profiles of which recent changes need to be applied through identity processing."""
    return IdentityProfile.objects.existing().filter(
        ~Q(version=F("applied_version")) | ~Q(source__generation=F("applied_generation"))
    )


def refresh_required_since(profile: IdentityProfile) -> datetime | None:
    """Since when changes wait to be applied; None where none do, or it is not known."""
    times: list[datetime] = []
    if profile.version != profile.applied_version:
        times.append(profile.version_at)
    if profile.source.generation != profile.applied_generation:
        imports = ImportRun.objects.filter(source=profile.source, state=ImportState.APPLIED)
        if profile.applied_at is not None:
            imports = imports.filter(finished_at__gt=profile.applied_at)
        first = imports.order_by("finished_at").values_list("finished_at", flat=True).first()
        if first is not None:
            times.append(first)
    return min(times, default=None)


def possible_sources() -> SourceQuerySet:
    """Sources that a new profile may link: those that are not authoritative yet."""
    taken = IdentityProfile.objects.existing().values("source")
    return Source.objects.existing().exclude(pk__in=taken).order_by("name", "id")


def profile_of(source: Source) -> IdentityProfile | None:
    """The profile that makes a source authoritative."""
    return IdentityProfile.objects.existing().filter(source=source).first()


def profiles_of(identities: Iterable[Identity]) -> list[IdentityProfile]:
    """The profiles that these identities belong to, the one of highest priority first."""
    links = IdentityAccount.objects.filter(identity__in=list(identities), leads=True)
    found = IdentityProfile.objects.existing().filter(source__in=links.values("source"))
    return list(found.order_by("priority", "name", "id"))


def identities_of(profile: IdentityProfile) -> IdentityQuerySet:
    """The identities that belong to a profile; order by ("display_name", "id")."""
    links = IdentityAccount.objects.filter(source=profile.source_id, leads=True)
    return Identity.objects.existing().filter(pk__in=links.values("identity_id"))


def identity_counts(profiles: Iterable[IdentityProfile]) -> dict[UUID, int]:
    """How many identities each has, by its id; one statement."""
    by_source = {profile.source_id: profile.pk for profile in profiles}
    links = IdentityAccount.objects.filter(
        source__in=by_source, leads=True, identity__deleted_at=None
    )
    found = links.values_list("source_id").annotate(number=Count("pk")).order_by()
    counts = dict.fromkeys(by_source.values(), 0)
    return counts | {by_source[source]: number for source, number in found}


def latest(profile: IdentityProfile) -> Processing | None:
    """The newest processing of a profile, at work or done."""
    return Processing.objects.filter(profile=profile).newest_first().first()


def planned(processing: Processing, effect: Effect) -> QuerySet[PlannedEffect]:
    """What a plan does, by effect; page by ("id",). Empty once it was tidied away."""
    return PlannedEffect.objects.filter(plan=processing.plan or 0, effect=effect)


@dataclass(frozen=True)
class MappedAttribute:
    """A row of the Mappings tab."""

    info: AttributeInfo
    mapping: AttributeMapping | None


def mapping_rows(profile: IdentityProfile) -> list[MappedAttribute]:
    """All identity attributes in the order of the tab, each with its mapping if it has one."""
    rows = {m.attribute: m for m in profile.mappings.select_related("source", "transform")}
    return [MappedAttribute(info, rows.get(name)) for name, info in known().items()]


def transforms() -> QuerySet[Transform]:
    """The library; order by ("name",)."""
    return Transform.objects.order_by("name")


@dataclass(frozen=True)
class LinkedAccount:
    """An account of an identity, with the profile by which it belongs to it."""

    link: IdentityAccount
    source: Source
    profile: IdentityProfile | None
    account: SourceAccount | None
    """None where it is no longer in the source."""


def accounts_of(identity: Identity) -> list[LinkedAccount]:
    """The accounts on authoritative sources that an identity has, the leading one first."""
    links = list(
        IdentityAccount.objects.filter(identity=identity)
        .select_related("source")
        .order_by("-leads", "pk")
    )
    profiles = {
        p.source_id: p
        for p in IdentityProfile.objects.existing().filter(
            source__in={link.source_id for link in links}
        )
    }
    return [
        LinkedAccount(
            link=link,
            source=link.source,
            profile=profiles.get(link.source_id),
            account=SourceAccount.objects.filter(
                source=link.source_id, native_identity=link.native_identity
            ).first(),
        )
        for link in links
    ]


@dataclass(frozen=True)
class ValueWithOrigin:
    """A value of an identity, and where it came from."""

    info: AttributeInfo
    value: Any
    profile: IdentityProfile | None
    mapping: AttributeMapping | None
    """None where no mapping makes it: typed by hand, or left from an earlier mapping."""


def values_with_origin(identity: Identity) -> list[ValueWithOrigin]:
    """The identity attributes of an identity, each with the mapping that makes it."""
    values, attributes = values_of(identity), known()
    leading = next((a for a in accounts_of(identity) if a.link.leads and a.profile), None)
    profile = leading.profile if leading else None
    mappings = (
        {m.attribute: m for m in profile.mappings.select_related("source", "transform")}
        if profile
        else {}
    )
    names = [n for n in attributes if n in values] + [n for n in values if n not in attributes]
    return [
        ValueWithOrigin(
            info=attributes.get(name, AttributeInfo(name, name)),
            value=values[name],
            profile=profile if name in mappings else None,
            mapping=mappings.get(name),
        )
        for name in names
    ]
