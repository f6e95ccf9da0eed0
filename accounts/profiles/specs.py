"""From the tables to what evaluation is compiled from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts.profiles.evaluate import CompiledProfile, MappingSpec, ProfileSpec, compile_profile
from accounts.profiles.models import AttributeMapping, IdentityProfile, Transform
from accounts.profiles.transforms.base import BadDefinition, Definition
from accounts.sources.models import Source


def library() -> dict[str, Definition]:
    """All transforms of the tenant by name."""
    return dict(Transform.objects.values_list("name", "definition"))


def spec_of(
    profile: IdentityProfile, mappings: Iterable[AttributeMapping] | None = None
) -> ProfileSpec:
    """What the values of a profile are calculated by; `mappings` may be drafts."""
    if mappings is None:
        mappings = profile.mappings.order_by("position", "pk")
    transforms = library()
    return ProfileSpec(
        sources=_sources(profile.source),
        mappings=[_mapping(mapping, transforms) for mapping in mappings],
        library=transforms,
    )


def compiled(
    profile: IdentityProfile, mappings: Iterable[AttributeMapping] | None = None
) -> CompiledProfile:
    """The profile, ready to run.

    Raises:
        BadDefinition: a transform is wrong.
    """
    return compile_profile(spec_of(profile, mappings))


def compiled_all(
    mappings: Mapping[IdentityProfile, Sequence[AttributeMapping]],
) -> dict[UUID, CompiledProfile | None]:
    """Several profiles with their mappings, by id, with two statements; None where one is wrong."""
    transforms, names = library(), dict(Source.objects.existing().values_list("pk", "name"))
    found: dict[UUID, CompiledProfile | None] = {}
    for profile, rows in mappings.items():
        own = {str(profile.source_id): profile.source.name}
        others = {str(pk): name for pk, name in names.items() if pk != profile.source_id}
        specs = [_mapping(row, transforms) for row in rows]
        spec = ProfileSpec(sources=own | others, mappings=specs, library=transforms)
        try:
            found[profile.pk] = compile_profile(spec)
        except BadDefinition:
            found[profile.pk] = None
    return found


def _sources(own: Source) -> dict[str, str]:
    others = Source.objects.existing().exclude(pk=own.pk).values_list("pk", "name")
    return {str(own.pk): own.name} | {str(pk): name for pk, name in others}


def _mapping(mapping: AttributeMapping, transforms: Mapping[str, Any]) -> MappingSpec:
    definition: Definition | None = mapping.definition
    if mapping.transform_id is not None:
        transform = mapping.transform
        assert transform is not None
        definition = transforms.get(transform.name, transform.definition)
    return MappingSpec(
        attribute=mapping.attribute,
        source=str(mapping.source_id) if mapping.source_id else "",
        source_attribute=mapping.source_attribute,
        definition=definition,
    )
