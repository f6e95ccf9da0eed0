"""Sources themselves: made, changed, deleted. Their schema and accounts have files of their own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.sources import policies, removal, schedules, schema, secrets
from accounts.sources.connectors import connectors
from accounts.sources.locking import SourceGone as SourceGone
from accounts.sources.locking import lock as lock
from accounts.sources.models import Source

DESCRIPTION_MAX_LENGTH = 1000
FIRST_THRESHOLD_PERCENT = 10
PLANNED_BY = {"config", "delete_threshold_percent", "deletion_disabled"}
"""What plans are made by: a change of it voids those that were made."""


class NameTaken(DomainError):
    """Another source has this name, or one that looks like it."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            message=_("There already is a source named “%(name)s”. Choose another name.")
            % {"name": name},
            field="name",
        )


class SourceInUse(DomainError):
    """Something needs the source."""

    code = "source_in_use"

    def __init__(self, users: list[str]) -> None:
        super().__init__(
            message=_("This source cannot be deleted while it is used by: %(users)s.")
            % {"users": ", ".join(users)}
        )


class BadThreshold(DomainError):
    """Not a percentage."""

    code = "bad_threshold"


class EditConflict(DomainError):
    """Somebody else changed the source since the form was opened."""

    code = "edit_conflict"

    def __init__(self, source: Source) -> None:
        super().__init__(
            message=_(
                "Someone else changed this source while you were editing it. Compare the values "
                "below, then save again to replace them with yours."
            )
        )
        self.source = source
        """The source as it stands now."""


@dataclass(frozen=True)
class Details:
    """What Edit Configuration holds. Secrets that stay empty are kept as they are."""

    name: str
    description: str = ""
    owner: Identity | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    delete_threshold_percent: int = FIRST_THRESHOLD_PERCENT
    deletion_disabled: bool = False
    secrets_follow: bool = False
    """Whether secrets that the settings need are typed later: until then it cannot be read."""

    def cleaned(self, *, by: Actor, connector: str, owner: Identity | None) -> dict[str, Any]:
        """Field values to store; `owner` is the present one.

        Raises:
            DomainError: naming the field that is wrong.
        """
        policies.check_owner(by, self.owner, current=owner)
        if not 1 <= self.delete_threshold_percent <= 100:
            raise BadThreshold(
                _("Choose a percentage from 1 to 100."), field="delete_threshold_percent"
            )
        name = clean_name(self.name)
        return {
            "name": name,
            "name_key": skeleton(name),
            "description": clean_text(
                self.description, max_length=DESCRIPTION_MAX_LENGTH, field="description"
            ),
            "owner": self.owner,
            "config": connectors.get(connector).clean(self.config),
            "delete_threshold_percent": self.delete_threshold_percent,
            "deletion_disabled": self.deletion_disabled,
        }


def _readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field values in the form in which the audit log keeps them."""
    return {
        name: value.user_name if isinstance(value, Identity) else value
        for name, value in values.items()
        if name != "name_key"
    }


@transaction.atomic
def create(*, by: Actor, connector: str, details: Details, at: datetime, start: str = "") -> Source:
    """Make a source with the first schema of its connector, and no account.

    `start` names one of the schemas that the connector has to begin with.

    Raises:
        NameTaken: another source has this or a look-alike name.
        DomainError: a field is wrong; `field` names it.
    """
    policies.check_may_add(by)
    kind = connectors.get(connector)
    values = details.cleaned(by=by, connector=connector, owner=None)
    source = Source(
        id=uuid.uuid4(),
        connector=connector,
        created_at=at,
        created_by=by.label[:200],
        changed_at=at,
        **values,
    )
    try:
        with transaction.atomic():
            source.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken(values["name"]) from error
    follow = details.secrets_follow
    secrets.replace(source, details.secrets, before=None, follow=follow, at=at)
    schema.make_first(source, kind.first_schema(start))
    after = _readable(values) | {"connector": connector}
    record("source.created", by=by, subject=source, after=after, at=at)
    return source


@transaction.atomic
def edit(*, by: Actor, source: Source, details: Details, revision: int, at: datetime) -> Source:
    """Change a source that nobody changed since `revision` was read.

    Raises:
        EditConflict: somebody did; the error carries the source as it stands.
        SourceGone, NameTaken, DomainError: as in `create`.
    """
    current = lock(source)
    policies.check_may_manage(by, current)
    if current.revision != revision:
        raise EditConflict(current)
    values = details.cleaned(by=by, connector=current.connector, owner=current.owner)
    changed = [name for name in values if getattr(current, name) != values[name]]
    before = _readable({name: getattr(current, name) for name in changed})
    configured = current.config
    for name in changed:
        setattr(current, name, values[name])
    follow = details.secrets_follow
    new_secrets = secrets.replace(current, details.secrets, before=configured, follow=follow, at=at)
    if not changed and not new_secrets:
        return current
    current.revision += 1
    current.changed_at = at
    if PLANNED_BY & set(changed):
        current.generation += 1
    try:
        with transaction.atomic():
            current.save(update_fields=[*changed, "revision", "generation", "changed_at"])
    except IntegrityError as error:
        raise NameTaken(values["name"]) from error
    if "name" in changed:
        schedules.follow(current)
    after = _readable({name: values[name] for name in changed})
    detail = {"secrets_set": new_secrets} if new_secrets else {}
    record(
        "source.edited",
        by=by,
        subject=current,
        before=before,
        after=after,
        detail=detail,
        at=at,
    )
    return current


@transaction.atomic
def delete(*, by: Actor, source: Source, at: datetime, revision: int | None = None) -> None:
    """Delete a source with its accounts, schema and secrets; its history stays. Twice is harmless.

    Raises:
        SourceInUse: something needs it.
        EditConflict: somebody changed it since `revision` was read.
    """
    try:
        current = lock(source)
    except SourceGone:
        return
    policies.check_may_manage(by, current)
    if revision not in (None, current.revision):
        raise EditConflict(current)
    if users := policies.users_of(current):
        raise SourceInUse(users)
    removed = removal.remove_all(current, by=by, at=at)
    schedules.forget(current, by=by, at=at)
    current.attributes.all().delete()
    current.secrets.all().delete()
    current.deleted_at, current.deleted_by = at, by.label[:200]
    current.name_key = f"~{current.pk.hex}"
    current.generation += 1
    current.account_count = 0
    current.save(
        update_fields=["deleted_at", "deleted_by", "name_key", "generation", "account_count"]
    )
    record("source.deleted", by=by, subject=current, detail={"accounts": removed}, at=at)


def note_health(source: Source, *, failure: str, at: datetime) -> None:
    """Remember how the last import ended; inside the transaction that ended it."""
    if failure:
        since = source.failing_since or at
        values: dict[str, Any] = {"failing_since": since, "healthy_since": None}
    else:
        values = {"failing_since": None, "healthy_since": source.healthy_since or at}
    Source.objects.filter(pk=source.pk).update(failure=failure[:500], **values)
