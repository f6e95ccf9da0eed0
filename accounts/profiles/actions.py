"""Identity profiles themselves. Mappings, transforms and attributes have files of their own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.profiles import leading, policies
from accounts.profiles.lifecycle_states import defaults as lifecycle_defaults
from accounts.profiles.lifecycle_states.models import LifecycleState
from accounts.profiles.locking import ProfileGone as ProfileGone
from accounts.profiles.locking import lock as lock
from accounts.profiles.models import (
    IdentityAccount,
    IdentityProfile,
    IdentityProfileQuerySet,
    InvitePolicy,
    ProfileKind,
    VanishedPolicy,
    last_priority,
)
from accounts.sources.locking import lock as lock_source
from accounts.sources.models import Source

DESCRIPTION_MAX_LENGTH = 1000
PRIORITY_STEP = 10
MOST_PRIORITY = 1_000_000


class NameTaken(DomainError):
    """Another profile has this name, or one that looks like it."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There already is an identity profile named “%(name)s”. Choose another name.")
            % {"name": name},
            field="name",
        )


class BadChoice(DomainError):
    """A value that is none of the choices, or lies outside of the range."""

    code = "bad_choice"


class StillProcessing(DomainError):
    """The changes of the profile are being planned or applied."""

    code = "still_processing"

    def __init__(self) -> None:
        super().__init__(
            _("Changes of this identity profile are being applied. Wait, or cancel that first.")
        )


class EditConflict(DomainError):
    """Somebody else changed the profile since the form was opened."""

    code = "edit_conflict"

    def __init__(self, profile: IdentityProfile) -> None:
        super().__init__(
            _(
                "Someone else changed this identity profile while you were editing it. Compare "
                "the values below, then save again to replace them with yours."
            )
        )
        self.profile = profile
        """The profile as it stands now."""


@dataclass(frozen=True)
class Details:
    """What the Settings tab of a profile holds. Without a priority, a new one comes last."""

    name: str
    description: str = ""
    owner: Identity | None = None
    priority: int | None = None
    invite_policy: str = InvitePolicy.BY_HAND
    invite_state: str = ""
    vanished_policy: str = VanishedPolicy.DISABLE

    def cleaned(self, *, profile: IdentityProfile | None) -> dict[str, Any]:
        """Field values to store.

        Raises:
            DomainError: naming the field that is wrong.
        """
        policies.check_owner(self.owner, current=profile.owner if profile else None)
        name = clean_name(self.name)
        invite = _choice(InvitePolicy, self.invite_policy, "invite_policy")
        state = clean_text(self.invite_state, max_length=100, multiline=False, field="invite_state")
        if invite == InvitePolicy.ON_STATE and not state:
            raise BadChoice(_("Choose the life-cycle state."), field="invite_state")
        if invite == InvitePolicy.ON_STATE and state not in _states_of(profile):
            message = _("Add the life-cycle state “%(state)s” to the profile first.")
            raise BadChoice(message % {"state": state}, field="invite_state")
        return {
            "name": name,
            "name_key": skeleton(name),
            "description": clean_text(
                self.description, max_length=DESCRIPTION_MAX_LENGTH, field="description"
            ),
            "owner": self.owner,
            "priority": _priority(self.priority, profile),
            "invite_policy": invite,
            "invite_state": state if invite == InvitePolicy.ON_STATE else "",
            "vanished_policy": _choice(VanishedPolicy, self.vanished_policy, "vanished_policy"),
        }


def _states_of(profile: IdentityProfile | None) -> set[str]:
    """The technical names of its life-cycle states; for a new one, of those it is to have."""
    if profile is None:
        return {state["technical_name"] for state in lifecycle_defaults.DEFAULTS}
    return set(profile.lifecycle_states.values_list("technical_name", flat=True))


def _choice(choices: type[InvitePolicy | VanishedPolicy | ProfileKind], value: str, at: str) -> str:
    if value not in choices.values:
        raise BadChoice(_("Choose one of the list."), field=at)
    return str(value)


def _priority(wanted: int | None, profile: IdentityProfile | None) -> int:
    if wanted is None:
        return profile.priority if profile else last_priority() + PRIORITY_STEP
    if not 1 <= wanted <= MOST_PRIORITY:
        raise BadChoice(
            _("Type a whole number from 1 to %(most)d.") % {"most": MOST_PRIORITY},
            field="priority",
        )
    return wanted


def _readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field values in the form in which the audit log keeps them."""
    return {
        name: value.user_name if isinstance(value, Identity) else value
        for name, value in values.items()
        if name != "name_key"
    }


@transaction.atomic
def create(
    *, by: Actor, source: Source, kind: str, details: Details, at: datetime
) -> IdentityProfile:
    """Make a profile without mappings; its source is authoritative from now on.

    Raises:
        AlreadyAuthoritative: the source has a profile.
        SourceGone: it was deleted.
        NameTaken, BadChoice, DomainError: `field` names what is wrong.
    """
    policies.check_may_manage(by)
    current = lock_source(source)
    policies.check_not_authoritative(current)
    kind = _choice(ProfileKind, kind, "kind")
    values = details.cleaned(profile=None)
    profile = IdentityProfile(
        id=uuid.uuid4(),
        source=current,
        kind=kind,
        version_at=at,
        created_at=at,
        created_by=by.label[:200],
        changed_at=at,
        **values,
    )
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken(values["name"]) from error
    states = lifecycle_defaults.rows(profile.pk, at=at, by=by.label[:200])
    LifecycleState.objects.bulk_create([LifecycleState(**state) for state in states])
    after = _readable(values) | {"source": current.name, "kind": kind}
    record("identity_profile.created", by=by, subject=profile, after=after, at=at)
    return profile


@transaction.atomic
def edit(
    *, by: Actor, profile: IdentityProfile, details: Details, revision: int, at: datetime
) -> IdentityProfile:
    """Change the settings of a profile that nobody changed since `revision` was read.

    Raises:
        EditConflict: somebody did; the error carries the profile as it stands.
        ProfileGone, NameTaken, BadChoice, DomainError: as in `create`.
    """
    policies.check_may_manage(by)
    _source, current = lock(profile)
    if current.revision != revision:
        raise EditConflict(current)
    values = details.cleaned(profile=current)
    changed = [name for name in values if getattr(current, name) != values[name]]
    if not changed:
        return current
    before = _readable({name: getattr(current, name) for name in changed})
    for name in changed:
        setattr(current, name, values[name])
    current.revision += 1
    current.changed_at = at
    try:
        with transaction.atomic():
            current.save(update_fields=[*changed, "revision", "changed_at"])
    except IntegrityError as error:
        raise NameTaken(values["name"]) from error
    if "priority" in changed:
        leading.settle()
    after = _readable({name: values[name] for name in changed})
    record("identity_profile.edited", by=by, subject=current, before=before, after=after, at=at)
    return current


@transaction.atomic
def delete(
    *, by: Actor, profile: IdentityProfile, at: datetime, revision: int | None = None
) -> None:
    """Delete a profile; its source is no longer authoritative. Twice is harmless.

    Its identities stay as they are, and belong to no profile; see `impact.of_deleting`.

    Raises:
        StillProcessing: its changes are being planned or applied.
        EditConflict: somebody changed it since `revision` was read.
    """
    from accounts.profiles.processing.models import Processing
    from accounts.profiles.processing.states import BUSY, State

    policies.check_may_manage(by)
    try:
        _source, current = lock(profile)
    except ProfileGone:
        return
    if revision not in (None, current.revision):
        raise EditConflict(current)
    unfinished = Processing.objects.unfinished().filter(profile=current)
    if unfinished.filter(state__in=BUSY).exists():
        raise StillProcessing
    unfinished.update(state=State.CANCELLED, finished_at=at, job_id=None)
    left = IdentityAccount.objects.filter(source=current.source_id)
    identities = left.count()
    IdentityAccount.objects.filter(
        identity__in=left.filter(leads=True).values("identity_id")
    ).exclude(source=current.source_id).update(digest=leading.UNSEEN)
    left.delete()
    current.mappings.all().delete()
    current.deleted_at, current.deleted_by = at, by.label[:200]
    current.name_key = f"~{current.pk.hex}"
    current.save(update_fields=["deleted_at", "deleted_by", "name_key"])
    leading.settle()
    detail = {"identities": identities, "source": current.source.name}
    record("identity_profile.deleted", by=by, subject=current, detail=detail, at=at)


def mark_changed(profiles: IdentityProfileQuerySet, *, at: datetime) -> None:
    """Say of profiles that their values are calculated by something new, to be applied."""
    # in one order, else two who mark several would wait for each other for ever
    ordered = profiles.select_for_update(no_key=True).order_by("pk")
    found = list(ordered.values_list("pk", flat=True))
    IdentityProfile.objects.filter(pk__in=found).update(version=F("version") + 1, version_at=at)
