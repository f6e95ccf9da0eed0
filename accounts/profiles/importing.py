"""Taking over what another tenant exported: transforms first, then the profiles that name them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name
from accounts.profiles import actions, custom_attributes, policies
from accounts.profiles.actions import Details, mark_changed
from accounts.profiles.attributes import known
from accounts.profiles.library import Immutable, NameTaken, body_of, profiles_using
from accounts.profiles.locking import lock_library, share_library
from accounts.profiles.mappings import MappingDraft, set_mappings
from accounts.profiles.models import IdentityProfile, Transform
from accounts.profiles.sailpoint import ReadMapping, ReadProfile
from accounts.profiles.specs import library
from accounts.profiles.transforms.base import BadDefinition, Problem
from accounts.profiles.transforms.compile import compile_transform
from accounts.profiles.transforms.export import Export
from accounts.sources.models import Source


class MissingParts(DomainError):
    """The export names sources or transforms that are not here."""

    code = "missing_parts"

    def __init__(self, sources: list[str], transforms: list[str]) -> None:
        parts = []
        if sources:
            parts.append(_("Add these sources first: %(names)s.") % {"names": ", ".join(sources)})
        if transforms:
            message = _("Import these transforms first: %(names)s.")
            parts.append(message % {"names": ", ".join(transforms)})
        super().__init__(" ".join(parts))
        self.sources = sources
        self.transforms = transforms


@dataclass(frozen=True)
class ImportedTransforms:
    """What became of the transforms of an export, by name."""

    created: list[str]
    replaced: list[str]
    unchanged: list[str]
    skipped: tuple[str, ...]
    """What in the export is no transform."""


@transaction.atomic
def import_transforms(
    *, by: Actor, export: Export, at: datetime, replace: bool = False
) -> ImportedTransforms:
    """Take over all transforms of an export, or none; they may name one another in any order.

    Raises:
        NameTaken: there is another one of that name, and it is not to be replaced.
        Immutable: it is built in, or of another type.
        BadDefinition: one of them, or one that is here and names it, would be wrong.
    """
    policies.check_may_manage(by)
    lock_library()
    there = {row.name: row for row in Transform.objects.all()}
    bodies = {clean_name(str(d["name"])): body_of(d) for d in export.definitions}
    created = [name for name in bodies if name not in there]
    differing = [n for n in bodies if n in there and differs(there[n], bodies[n])]
    if differing and not replace:
        raise NameTaken(differing[0])
    for name in differing:
        if there[name].built_in or there[name].type != bodies[name]["type"]:
            message = _("“%(name)s” is built in or of another type: rename one of them.")
            raise Immutable(message % {"name": name})
    _check_all(bodies)
    Transform.objects.bulk_create([_row(name, bodies[name], by, at) for name in created])
    for name in differing:
        row = there[name]
        row.definition = {**bodies[name], "name": name}
        row.revision += 1
        row.changed_at = at
        row.save(update_fields=["definition", "revision", "changed_at"])
    if differing:
        mark_changed(profiles_using(*(there[name] for name in differing)), at=at)
    for row in Transform.objects.filter(name__in=[*created, *differing]).order_by("name"):
        action = "transform.created" if row.name in created else "transform.edited"
        record(action, by=by, subject=row, after={"definition": bodies[row.name]}, at=at)
    unchanged = [name for name in bodies if name in there and name not in differing]
    return ImportedTransforms(created, differing, unchanged, export.skipped)


def differs(row: Transform, body: Mapping[str, Any]) -> bool:
    """Whether a transform of the library would become another one."""
    return {key: value for key, value in row.definition.items() if key != "name"} != body


def _row(name: str, body: Mapping[str, Any], by: Actor, at: datetime) -> Transform:
    return Transform(
        id=uuid.uuid4(),
        name=name,
        type=body["type"],
        definition={**body, "name": name},
        created_at=at,
        created_by=by.label[:200],
        changed_at=at,
    )


def _check_all(bodies: Mapping[str, Mapping[str, Any]]) -> None:
    everything = library() | {name: {**body, "name": name} for name, body in bodies.items()}
    problems: list[Problem] = []
    for name, definition in everything.items():
        try:
            compile_transform({**definition, "name": name}, library=everything)
        except BadDefinition as error:
            problems += [Problem(f"“{name}” {p.path}", p.message) for p in error.problems]
    if problems:
        raise BadDefinition(problems)


@transaction.atomic
def import_profile(
    *,
    by: Actor,
    read: ReadProfile,
    kind: str,
    at: datetime,
    source: Source | None = None,
) -> IdentityProfile:
    """Make a profile of an exported one; `source` where the one of that name is not meant.

    Identity attributes that are not known here are added. The owner and the ids of the other
    tenant mean nothing here.

    Raises:
        MissingParts: sources or transforms that it names are not here.
        AlreadyAuthoritative, NameTaken, BadMapping, BadDefinition, DomainError.
    """
    policies.check_may_manage(by)
    share_library()
    sources = {row.name: row for row in Source.objects.existing()}
    own = source or sources.get(read.source_name)
    if source is not None:
        sources[read.source_name] = source
    transforms = {row.name: row for row in Transform.objects.all()}
    _check_parts(read, sources, transforms)
    assert own is not None
    _add_attributes(by, read, at)
    profile = actions.create(
        by=by,
        source=own,
        kind=kind,
        details=Details(name=read.name, description=read.description, priority=read.priority),
        at=at,
    )
    drafts = [_draft(mapping, sources, transforms) for mapping in read.mappings]
    return set_mappings(by=by, profile=profile, drafts=drafts, revision=profile.revision, at=at)


def drafts_of(mappings: Sequence[ReadMapping]) -> list[MappingDraft]:
    """Mappings of an export as the form would have them, with what is here by these names.

    Raises:
        MissingParts: sources or transforms that they name are not here.
    """
    sources = {row.name: row for row in Source.objects.existing()}
    transforms = {row.name: row for row in Transform.objects.all()}
    missing = {m.source_name for m in mappings if m.source_name} - sources.keys()
    unknown = {m.transform_name for m in mappings if m.transform_name} - transforms.keys()
    if missing or unknown:
        raise MissingParts(sorted(missing), sorted(unknown))
    return [_draft(mapping, sources, transforms) for mapping in mappings]


def _check_parts(
    read: ReadProfile, sources: Mapping[str, Source], transforms: Mapping[str, Transform]
) -> None:
    named = {read.source_name} | {m.source_name for m in read.mappings if m.source_name}
    used = {m.transform_name for m in read.mappings if m.transform_name}
    if (named - sources.keys()) or (used - transforms.keys()):
        raise MissingParts(sorted(named - sources.keys()), sorted(used - transforms.keys()))


def _add_attributes(by: Actor, read: ReadProfile, at: datetime) -> None:
    there = known()
    for mapping in read.mappings:
        if mapping.attribute not in there:
            name = mapping.attribute
            custom_attributes.add(by=by, label=name, name=name, at=at)


def _draft(
    mapping: ReadMapping, sources: Mapping[str, Source], transforms: Mapping[str, Transform]
) -> MappingDraft:
    return MappingDraft(
        attribute=mapping.attribute,
        source_attribute=mapping.source_attribute,
        source=sources[mapping.source_name] if mapping.source_name else None,
        transform=transforms[mapping.transform_name] if mapping.transform_name else None,
        definition=mapping.definition,
    )


@dataclass(frozen=True)
class Choice:
    """An exported profile, and what its export does not say."""

    read: ReadProfile
    kind: str
    source: Source | None = None


class ImportRefused(DomainError):
    """One of several profiles cannot be imported, so none was."""

    code = "import_refused"

    def __init__(self, index: int, error: DomainError) -> None:
        super().__init__(error.message, field=error.field)
        self.index = index
        self.error = error


@transaction.atomic
def import_profiles(*, by: Actor, choices: Sequence[Choice], at: datetime) -> list[IdentityProfile]:
    """Make all of these profiles, or none.

    Raises:
        ImportRefused: naming the first that cannot be made, and why.
    """
    policies.check_may_manage(by)
    made = []
    for index, choice in enumerate(choices):
        try:
            made.append(
                import_profile(
                    by=by, read=choice.read, kind=choice.kind, source=choice.source, at=at
                )
            )
        except DomainError as error:
            raise ImportRefused(index, error) from error
    return made


def refusal(*, by: Actor, choice: Choice, at: datetime) -> DomainError | None:
    """Why a profile could not be imported now; it is tried, and undone."""
    try:
        with transaction.atomic():
            import_profiles(by=by, choices=[choice], at=at)
            raise _Undone
    except _Undone:
        return None
    except ImportRefused as refused:
        return refused.error


class _Undone(Exception):
    """Takes a try back."""
