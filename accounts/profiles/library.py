"""The library of transforms, which mappings and other transforms name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name
from accounts.profiles import policies, usage
from accounts.profiles.actions import mark_changed
from accounts.profiles.locking import lock_library
from accounts.profiles.models import (
    AttributeMapping,
    IdentityProfile,
    IdentityProfileQuerySet,
    Transform,
)
from accounts.profiles.specs import library
from accounts.profiles.transforms.base import Definition
from accounts.profiles.transforms.compile import Compiled, compile_transform
from accounts.profiles.transforms.reading import flag_of
from accounts.profiles.usage import names_in

MOST_TRANSFORMS: Final = 5000


class NameTaken(DomainError):
    """Another transform has this name."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There already is a transform named “%(name)s”. Choose another name.")
            % {"name": name},
            field="name",
        )


class TransformInUse(DomainError):
    """Something names the transform."""

    code = "transform_in_use"

    def __init__(self, users: list[str]) -> None:
        super().__init__(
            _("This transform cannot be deleted while it is used by: %(users)s.")
            % {"users": ", ".join(users)}
        )
        self.users = users


class Immutable(DomainError):
    """What of a transform never changes: its name, its type, and all of a built-in one."""

    code = "immutable"


class EditConflict(DomainError):
    """Somebody else changed the transform since the editor was opened."""

    code = "edit_conflict"

    def __init__(self, transform: Transform) -> None:
        super().__init__(
            _(
                "Someone else changed this transform while you were editing it. Compare the "
                "definitions, then save again to replace theirs with yours."
            )
        )
        self.transform = transform


class TransformGone(DomainError):
    """The transform was deleted meanwhile."""

    code = "transform_gone"

    def __init__(self) -> None:
        super().__init__(_("This transform has been deleted."))


def check(definition: Definition, *, name: str = "") -> Compiled:
    """Compile a definition as the library stands, with `name` as its own.

    Raises:
        BadDefinition: with every problem, circles of references among them.
    """
    return compile_transform(
        {**definition, "name": name} if name else definition, library=library()
    )


@transaction.atomic
def create(*, by: Actor, name: str, definition: Definition, at: datetime) -> Transform:
    """Add a transform to the library.

    Raises:
        NameTaken, BadText: `field` is `name`.
        BadDefinition.
    """
    policies.check_may_manage(by)
    lock_library()
    if Transform.objects.count() >= MOST_TRANSFORMS:
        raise DomainError(_("Keep at most %(most)d transforms.") % {"most": MOST_TRANSFORMS})
    clean = clean_name(name)
    body = body_of(definition)
    check(body, name=clean)
    transform = Transform(
        id=uuid.uuid4(),
        name=clean,
        type=body["type"],
        definition={**body, "name": clean},
        created_at=at,
        created_by=by.label[:200],
        changed_at=at,
    )
    try:
        with transaction.atomic():
            transform.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken(clean) from error
    record("transform.created", by=by, subject=transform, after={"definition": body}, at=at)
    return transform


@transaction.atomic
def edit(
    *, by: Actor, transform: Transform, definition: Definition, revision: int, at: datetime
) -> Transform:
    """Change what a transform does; profiles that use it are to be applied again.

    Raises:
        EditConflict: somebody did since `revision` was read.
        Immutable: the type differs, or it is built in.
        BadDefinition: it, or one that names it, would be wrong.
        TransformGone.
    """
    policies.check_may_manage(by)
    current = _lock(transform)
    if current.revision != revision:
        raise EditConflict(current)
    if current.built_in:
        raise Immutable(_("A built-in transform cannot be changed: copy it under another name."))
    body = body_of(definition)
    if definition.get("name", current.name) != current.name:
        raise Immutable(
            _("The name stays “%(name)s”: make a copy for another one.") % {"name": current.name},
            field="definition",
        )
    if body["type"] != current.type:
        raise Immutable(
            _("The type stays “%(type)s”: make a new transform for another one.")
            % {"type": current.type},
            field="definition",
        )
    check(body, name=current.name)
    new = {**body, "name": current.name}
    if new == current.definition:
        return current
    before = {key: value for key, value in current.definition.items() if key != "name"}
    current.definition = new
    current.revision += 1
    current.changed_at = at
    current.save(update_fields=["definition", "revision", "changed_at"])
    mark_changed(profiles_using(current), at=at)
    record(
        "transform.edited",
        by=by,
        subject=current,
        before={"definition": before},
        after={"definition": body},
        at=at,
    )
    return current


@transaction.atomic
def delete(*, by: Actor, transform: Transform, at: datetime, revision: int | None = None) -> None:
    """Delete a transform that nothing names. Twice is harmless.

    Raises:
        TransformInUse: something does.
        Immutable: it is built in.
        EditConflict: somebody changed it since `revision` was read.
    """
    policies.check_may_manage(by)
    try:
        current = _lock(transform)
    except TransformGone:
        return
    if revision not in (None, current.revision):
        raise EditConflict(current)
    if current.built_in:
        raise Immutable(_("A built-in transform cannot be deleted."))
    if users := users_of(current):
        raise TransformInUse(users)
    record(
        "transform.deleted",
        by=by,
        subject=current,
        before={"definition": current.definition},
        at=at,
    )
    current.delete()


def _lock(transform: Transform) -> Transform:
    """A transform as it stands; under the lock of the library, so nothing begins to use it.

    Raises:
        TransformGone: it has been deleted.
    """
    lock_library()
    found = Transform.objects.filter(pk=transform.pk).first()
    if found is None:
        raise TransformGone
    return found


def body_of(definition: Definition) -> dict[str, Any]:
    """A definition as it is stored, without what belongs to the row or to another tenant.

    What is wrong in it stays, for the compiler to say so.
    """
    refresh = definition.get("requiresPeriodicRefresh") or False
    flag, attributes = flag_of(refresh), definition.get("attributes")
    body = {
        key: value for key, value in definition.items() if key not in ("id", "internal", "name")
    }
    return body | {
        "type": str(definition.get("type", "")),
        "requiresPeriodicRefresh": refresh if flag is None else flag,
        "attributes": {} if attributes is None else attributes,
    }


def users_among(name: str, definitions: Mapping[str, Definition]) -> set[str]:
    """The transforms that use one, at any distance."""
    users: set[str] = set()
    waiting = [name]
    uses = {other: names_in(definition) for other, definition in definitions.items()}
    while waiting:
        used = waiting.pop()
        new = {other for other, names in uses.items() if used in names} - users
        users |= new
        waiting += new
    return users


def profiles_using(*transforms: Transform) -> IdentityProfileQuerySet:
    """The profiles whose values depend on a transform, at any distance."""
    definitions = library()
    names = {transform.name for transform in transforms}
    for transform in transforms:
        names |= users_among(transform.name, definitions)
    mapped = set(
        AttributeMapping.objects.filter(transform__name__in=names).values_list(
            "profile_id", flat=True
        )
    )
    inline = AttributeMapping.objects.exclude(definition=None)
    for profile_id, definition in inline.values_list("profile_id", "definition"):
        if names & names_in(definition):
            mapped.add(profile_id)
    return IdentityProfile.objects.existing().filter(pk__in=mapped)


def users_of(transform: Transform) -> list[str]:
    """What would break without a transform, in words."""
    transforms = [
        _("the transform “%(name)s”") % {"name": other.name}
        for other in usage.transforms_of(transform)
    ]
    mappings = [
        _("“%(attribute)s” of the identity profile “%(profile)s”")
        % {"attribute": row.attribute, "profile": row.profile.name}
        for row in usage.mappings_of(transform)
    ]
    return transforms + mappings
