"""Identity profiles and transforms as SailPoint exports them: read as they are, written alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NoReturn
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.profiles.evaluate import CompiledProfile
from accounts.profiles.models import AttributeMapping, IdentityProfile, Transform
from accounts.profiles.queries import identity_counts
from accounts.profiles.specs import compiled_all
from accounts.profiles.transforms.export import BadExport, parse_json
from accounts.profiles.transforms.values import shown

MOST_PROFILES: Final = 200
KIND: Final = "IDENTITY_PROFILE"
PLAIN: Final = frozenset({"sourceName", "sourceId", "attributeName", "applicationId"})
"""What an `accountAttribute` may hold to be a row of the Mappings tab."""


@dataclass(frozen=True)
class ReadMapping:
    """A row of an exported profile; sources and transforms by name."""

    attribute: str
    source_name: str = ""
    source_attribute: str = ""
    transform_name: str = ""
    definition: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ReadProfile:
    """An exported profile."""

    name: str
    description: str
    priority: int | None
    source_name: str
    mappings: Sequence[ReadMapping] = field(default_factory=list)


def parse_profiles(text: str | bytes) -> list[ReadProfile]:
    """The profiles of an export: one, a list of them, or the objects of SP-Config.

    Raises:
        BadExport: with the place of the first thing that is wrong.
    """
    value = parse_json(text)
    if isinstance(value, dict) and isinstance(value.get("objects"), list):
        value = value["objects"]
    items = value if isinstance(value, list) else [value]
    if len(items) > MOST_PROFILES:
        _refuse("$", _("Import at most %(most)d at once.") % {"most": MOST_PROFILES})
    found = [
        _profile(item, f"$[{index}]" if isinstance(value, list) else "$")
        for index, item in enumerate(items)
        if not _is_something_else(item)
    ]
    if not found:
        raise BadExport(_("There are no identity profiles in it."))
    return found


def _is_something_else(item: Any) -> bool:
    about = item.get("self") if isinstance(item, Mapping) else None
    return isinstance(about, Mapping) and about.get("type") not in (None, KIND)


def _profile(item: Any, path: str) -> ReadProfile:
    if isinstance(item, Mapping) and isinstance(item.get("object"), Mapping):
        item, path = item["object"], f"{path}.object"
    if not isinstance(item, Mapping):
        _refuse(path, _("Here should be an identity profile in braces."))
    name, source = item.get("name"), item.get("authoritativeSource")
    if not isinstance(name, str) or not name.strip():
        _refuse(f"{path}.name", _("Give the identity profile a name."))
    if not isinstance(source, Mapping) or not isinstance(source.get("name"), str):
        _refuse(f"{path}.authoritativeSource", _("Name the source."))
    priority = item.get("priority")
    config = item.get("identityAttributeConfig", {})
    rows = config.get("attributeTransforms", []) if isinstance(config, Mapping) else None
    if not isinstance(rows, list):
        _refuse(f"{path}.identityAttributeConfig", _("Write the mappings as a list."))
    description = item.get("description")
    return ReadProfile(
        name=name,
        description=description if isinstance(description, str) else "",
        priority=priority if isinstance(priority, int) and priority > 0 else None,
        source_name=source["name"],
        mappings=[
            _mapping(row, f"{path}.identityAttributeConfig.attributeTransforms[{index}]")
            for index, row in enumerate(rows)
        ],
    )


def parse_mappings(config: Any) -> list[ReadMapping]:
    """The mappings of an `identityAttributeConfig` alone.

    Raises:
        BadExport: with the place of the first thing that is wrong.
    """
    rows = config.get("attributeTransforms", []) if isinstance(config, Mapping) else None
    if not isinstance(rows, list):
        _refuse("identityAttributeConfig", _("Write the mappings as a list."))
    return [
        _mapping(row, f"identityAttributeConfig.attributeTransforms[{index}]")
        for index, row in enumerate(rows)
    ]


def _mapping(row: Any, path: str) -> ReadMapping:
    if not isinstance(row, Mapping) or not isinstance(row.get("identityAttributeName"), str):
        _refuse(path, _("Name the identity attribute."))
    attribute, definition = row["identityAttributeName"], row.get("transformDefinition")
    if not isinstance(definition, Mapping) or not isinstance(definition.get("type"), str):
        _refuse(f"{path}.transformDefinition", _("Write a transform in braces, with a type."))
    attributes = definition.get("attributes") or {}
    if not isinstance(attributes, Mapping):
        _refuse(f"{path}.transformDefinition.attributes", _("Write the attributes in braces."))
    if (plain := _plain(definition)) is not None:
        return ReadMapping(attribute, *plain)
    source_name, source_attribute = _plain(attributes.get("input")) or ("", "")
    rest = {key: value for key, value in attributes.items() if key != "input"}
    is_row = source_attribute or "input" not in attributes
    if definition["type"] == "reference" and set(rest) == {"id"} and is_row:
        return ReadMapping(attribute, source_name, source_attribute, str(rest["id"]))
    body = {key: value for key, value in definition.items() if key not in ("id", "name")}
    if not source_attribute:
        return ReadMapping(attribute, definition=body)
    return ReadMapping(
        attribute, source_name, source_attribute, definition={**body, "attributes": rest}
    )


def _plain(definition: Any) -> tuple[str, str] | None:
    """Source and attribute, if a definition reads them and does nothing else."""
    if not isinstance(definition, Mapping) or definition.get("type") != "accountAttribute":
        return None
    attributes = definition.get("attributes")
    if not isinstance(attributes, Mapping) or set(attributes) - PLAIN:
        return None
    source, name = attributes.get("sourceName"), attributes.get("attributeName")
    return (source, name) if isinstance(source, str) and isinstance(name, str) else None


def export_profile(profile: IdentityProfile) -> dict[str, Any]:
    """A profile in the vendor's form, which `parse_profiles` reads."""
    return export_profiles([profile])[0]


def export_profiles(profiles: Sequence[IdentityProfile]) -> list[dict[str, Any]]:
    """The same for several, with the statements of one."""
    rows = AttributeMapping.objects.filter(profile__in=profiles)
    mappings: dict[UUID, list[AttributeMapping]] = {profile.pk: [] for profile in profiles}
    for row in rows.select_related("source", "transform").order_by("position", "pk"):
        mappings[row.profile_id].append(row)
    counts = identity_counts(profiles)
    ready = compiled_all({profile: mappings[profile.pk] for profile in profiles})
    return [
        _exported(profile, mappings[profile.pk], counts[profile.pk], ready[profile.pk])
        for profile in profiles
    ]


def _stamp(at: datetime) -> str:
    """A time as the vendor writes it: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _exported(
    profile: IdentityProfile,
    rows: Sequence[AttributeMapping],
    count: int,
    ready: CompiledProfile | None,
) -> dict[str, Any]:
    owner = profile.owner
    source = {"type": "SOURCE", "id": str(profile.source_id), "name": profile.source.name}
    return {
        "id": str(profile.pk),
        "name": profile.name,
        "created": _stamp(profile.created_at),
        "modified": _stamp(profile.changed_at),
        "description": profile.description or None,
        "owner": {"type": "IDENTITY", "id": str(owner.pk), "name": owner.user_name}
        if owner
        else None,
        "priority": profile.priority,
        "authoritativeSource": source,
        "identityRefreshRequired": profile.refresh_required,
        "identityCount": count,
        "hasTimeBasedAttr": ready is not None and ready.depends_on_more,
        "identityAttributeConfig": {
            "enabled": True,
            "attributeTransforms": [
                {
                    "identityAttributeName": row.attribute,
                    "transformDefinition": definition_of(profile, row),
                }
                for row in rows
            ],
        },
    }


def definition_of(profile: IdentityProfile, row: AttributeMapping) -> dict[str, Any]:
    """A mapping as the one transform that it amounts to."""
    source = row.source or profile.source
    given = {
        "type": "accountAttribute",
        "attributes": {
            "sourceName": source.name,
            "attributeName": row.source_attribute,
            "sourceId": str(source.pk),
        },
    }
    if row.transform is not None:
        attributes: dict[str, Any] = {"id": row.transform.name}
        return {
            "type": "reference",
            "attributes": attributes | ({"input": given} if row.source_attribute else {}),
        }
    if row.definition is None:
        return given
    if not row.source_attribute or "input" in (row.definition.get("attributes") or {}):
        return dict(row.definition)
    return {
        **row.definition,
        "attributes": {**(row.definition.get("attributes") or {}), "input": given},
    }


def export_transforms(transforms: Iterable[Transform]) -> list[dict[str, Any]]:
    """Transforms in the vendor's form, which `import_transforms` reads."""
    return [
        {
            "id": str(transform.pk),
            "name": transform.name,
            "type": transform.type,
            "attributes": transform.definition.get("attributes") or {},
            "requiresPeriodicRefresh": bool(transform.definition.get("requiresPeriodicRefresh")),
            "internal": transform.built_in,
        }
        for transform in transforms
    ]


def _refuse(path: str, message: str) -> NoReturn:
    raise BadExport(f"{shown(path)}: {message}")
