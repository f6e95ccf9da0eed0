"""The mappings of a profile: which identity attribute comes from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.profiles import policies
from accounts.profiles.actions import EditConflict, lock, mark_changed
from accounts.profiles.attributes import known
from accounts.profiles.locking import share_library
from accounts.profiles.models import AttributeMapping, IdentityProfile, Transform
from accounts.profiles.specs import compiled
from accounts.sources.models import SchemaAttribute, Source

MOST_MAPPINGS = 200


class BadMapping(DomainError):
    """A mapping that cannot be taken; `field` names its identity attribute."""

    code = "bad_mapping"


@dataclass(frozen=True)
class MappingDraft:
    """One row of the Mappings tab: Source | Attribute | Transform.

    Without a source, the profile's own is meant. `definition` is a transform that stands in the
    mapping itself, in place of one of the library.
    """

    attribute: str
    source_attribute: str = ""
    source: Source | None = None
    transform: Transform | None = None
    definition: Mapping[str, Any] | None = None

    def row(self, profile: IdentityProfile, position: int) -> AttributeMapping:
        is_own = self.source is None or self.source.pk == profile.source_id
        return AttributeMapping(
            profile=profile,
            attribute=self.attribute,
            source=None if is_own else self.source,
            source_attribute=self.source_attribute,
            transform=self.transform,
            definition=dict(self.definition) if self.definition is not None else None,
            position=position,
        )


def rows_of(profile: IdentityProfile, drafts: Sequence[MappingDraft]) -> list[AttributeMapping]:
    """The drafts, checked: each attribute known and mapped once, everything that they read there.

    Raises:
        BadMapping: `field` names the attribute.
        BadDefinition: a transform is wrong; the paths begin with the attribute.
    """
    if len(drafts) > MOST_MAPPINGS:
        raise BadMapping(_("Map at most %(most)d attributes.") % {"most": MOST_MAPPINGS})
    attributes = known()
    named = {draft.transform.pk for draft in drafts if draft.transform is not None}
    there = set(Transform.objects.filter(pk__in=named).values_list("pk", flat=True))
    seen: set[str] = set()
    for draft in drafts:
        at = draft.attribute
        if at not in attributes:
            message = _("There is no identity attribute “%(name)s”.")
            raise BadMapping(message % {"name": at[:60]}, field=at)
        if at in seen:
            message = _("“%(name)s” is mapped twice.")
            raise BadMapping(message % {"name": attributes[at].label}, field=at)
        seen.add(at)
        if draft.transform is not None and draft.transform.pk not in there:
            message = _("The transform “%(name)s” has been deleted.")
            raise BadMapping(message % {"name": draft.transform.name}, field=at)
        _check(profile, draft)
    rows = [draft.row(profile, place) for place, draft in enumerate(drafts)]
    compiled(profile, rows)
    return rows


def _check(profile: IdentityProfile, draft: MappingDraft) -> None:
    has_transform = draft.transform is not None or draft.definition is not None
    if draft.transform is not None and draft.definition is not None:
        raise BadMapping(_("Choose one transform."), field=draft.attribute)
    if not draft.source_attribute:
        if not has_transform:
            message = _("Choose an attribute of the source, or a transform.")
            raise BadMapping(message, field=draft.attribute)
        return
    source = draft.source or profile.source
    if source.deleted_at is not None:
        raise BadMapping(_("This source has been deleted."), field=draft.attribute)
    if not SchemaAttribute.objects.filter(source=source, name=draft.source_attribute).exists():
        message = _("The source “%(source)s” has no attribute “%(name)s”.")
        raise BadMapping(
            message % {"source": source.name, "name": draft.source_attribute[:100]},
            field=draft.attribute,
        )


@transaction.atomic
def set_mappings(
    *,
    by: Actor,
    profile: IdentityProfile,
    drafts: Sequence[MappingDraft],
    revision: int,
    at: datetime,
) -> IdentityProfile:
    """Replace the mappings of a profile that nobody changed since `revision` was read.

    The identities stay as they are until the changes are applied.

    Raises:
        EditConflict: somebody did; the error carries the profile as it stands.
        ProfileGone, BadMapping, BadDefinition, NotAllowed.
    """
    policies.check_may_manage(by)
    share_library()
    _source, current = lock(profile)
    if current.revision != revision:
        raise EditConflict(current)
    rows = rows_of(current, drafts)
    old = list(current.mappings.select_related("source", "transform").order_by("position", "pk"))
    before, after = readable(old), readable(rows)
    if before == after and [r.attribute for r in old] == [r.attribute for r in rows]:
        return current
    current.mappings.all().delete()
    AttributeMapping.objects.bulk_create(rows)
    current.revision += 1
    current.changed_at = at
    current.save(update_fields=["revision", "changed_at"])
    if before != after:
        mark_changed(IdentityProfile.objects.filter(pk=current.pk), at=at)
    changed = [n for n in before.keys() | after.keys() if before.get(n) != after.get(n)]
    record(
        "identity_profile.mapped",
        by=by,
        subject=current,
        before={name: before[name] for name in sorted(changed) if name in before},
        after={name: after[name] for name in sorted(changed) if name in after},
        at=at,
    )
    current.refresh_from_db()
    return current


def readable(rows: Sequence[AttributeMapping]) -> dict[str, dict[str, Any]]:
    """Mappings by attribute, in the form in which the audit log keeps them."""
    return {
        row.attribute: {
            "source": row.source.name if row.source else "",
            "source_attribute": row.source_attribute,
            "transform": row.transform.name if row.transform else "",
            "definition": row.definition,
        }
        for row in rows
    }
