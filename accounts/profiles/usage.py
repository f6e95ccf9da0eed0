"""What names a transform of the library: mappings and other transforms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.profiles.models import AttributeMapping, IdentityProfile, Transform
from accounts.profiles.specs import library


@dataclass(frozen=True, slots=True)
class Usage:
    """How many mappings and how many other transforms name a transform."""

    mappings: int = 0
    transforms: int = 0

    def __bool__(self) -> bool:
        return bool(self.mappings or self.transforms)


def names_in(definition: object) -> set[str]:
    """The transforms that a definition names, without those that they name in turn."""
    found: set[str] = set()
    waiting = [definition]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            attributes = value.get("attributes")
            if value.get("type") == "reference" and isinstance(attributes, Mapping):
                found.add(str(attributes.get("id", "")))
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
    return found


def of_all() -> dict[str, Usage]:
    """By the name of each transform that anything names."""
    mappings: Counter[str] = Counter()
    rows = AttributeMapping.objects.filter(profile__deleted_at=None)
    for name, definition in rows.values_list("transform__name", "definition"):
        mappings.update(names_in(definition) | ({name} if name else set()))
    transforms: Counter[str] = Counter()
    for name, body in library().items():
        transforms.update(names_in(body) - {name})
    return {name: Usage(mappings[name], transforms[name]) for name in mappings | transforms}


def mappings_of(transform: Transform) -> list[AttributeMapping]:
    """The mappings that name a transform, with their profiles."""
    rows: Iterable[AttributeMapping] = (
        AttributeMapping.objects.filter(profile__deleted_at=None)
        .select_related("profile")
        .order_by("profile__name", "attribute", "pk")
    )
    return [
        row
        for row in rows
        if row.transform_id == transform.pk or transform.name in names_in(row.definition)
    ]


def transforms_of(transform: Transform) -> list[Transform]:
    """The transforms that name a transform."""
    others = Transform.objects.exclude(pk=transform.pk).order_by("name", "pk")
    return [other for other in others if transform.name in names_in(other.definition)]


def profiles_by_attribute() -> dict[str, list[IdentityProfile]]:
    """The identity profiles that map each identity attribute, by its technical name."""
    found: dict[str, list[IdentityProfile]] = {}
    rows = AttributeMapping.objects.filter(profile__deleted_at=None).select_related("profile")
    for row in rows.order_by("profile__name", "pk"):
        found.setdefault(row.attribute, []).append(row.profile)
    return found
