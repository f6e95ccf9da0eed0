from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text
from accounts.profiles import policies
from accounts.profiles.actions import mark_changed
from accounts.profiles.lifecycle_states import queries
from accounts.profiles.lifecycle_states.models import (
    STATE_WIDTH,
    Entry,
    IdentityState,
    LifecycleState,
)
from accounts.profiles.locking import lock
from accounts.profiles.models import IdentityProfile

MOST_STATES: Final = 100
PRIORITY_STEP: Final = 10
MOST_PRIORITY: Final = 1_000_000
TECHNICAL_NAME: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 ._-]{{0,{STATE_WIDTH - 1}}}", re.ASCII)


class BadState(DomainError):
    """A value of a state that cannot be taken."""

    code = "bad_lifecycle_state"


class StateInUse(DomainError):
    """Identities are in the state, or are invited when they enter it."""

    code = "lifecycle_state_in_use"


class StateGone(DomainError):
    """The state was removed meanwhile."""

    code = "lifecycle_state_gone"

    def __init__(self) -> None:
        super().__init__(_("This life-cycle state has been removed."))


class EditConflict(DomainError):
    """Somebody else changed the state since the form was opened."""

    code = "edit_conflict"

    def __init__(self, state: LifecycleState) -> None:
        super().__init__(
            _(
                "Someone else changed this life-cycle state while you were editing it. Compare "
                "the values below, then save again to replace them with yours."
            )
        )
        self.state = state


@dataclass(frozen=True)
class Draft:
    """What a form says of a state. Without a priority, a new one comes last."""

    name: str
    description: str = ""
    identity_state: str = ""
    on_entry: str = ""
    priority: int | None = None

    def cleaned(self) -> dict[str, Any]:
        """Raises DomainError, naming the field that is wrong."""
        if self.identity_state not in IdentityState.values:
            raise BadState(_("Choose one of the list."), field="identity_state")
        if self.on_entry not in Entry.values:
            raise BadState(_("Choose one of the list."), field="on_entry")
        if self.priority is not None and not 1 <= self.priority <= MOST_PRIORITY:
            message = _("Type a whole number from 1 to %(most)d.")
            raise BadState(message % {"most": MOST_PRIORITY}, field="priority")
        values = {
            "name": clean_name(self.name),
            "description": clean_text(self.description, field="description"),
            "identity_state": self.identity_state,
            "on_entry": self.on_entry,
        }
        return values if self.priority is None else {**values, "priority": self.priority}


@transaction.atomic
def add(
    *, by: Actor, profile: IdentityProfile, technical_name: str, draft: Draft, at: datetime
) -> LifecycleState:
    """Add a state, which nobody enters before it is enabled.

    Raises:
        ProfileGone, BadState, DomainError: `field` names what is wrong.
    """
    policies.check_may_manage(by)
    _source, current = lock(profile)
    there = queries.of(current)
    technical_name = technical_name.strip()
    if not TECHNICAL_NAME.fullmatch(technical_name):
        message = _("Use letters, digits, spaces and . _ -, as the source writes the state.")
        raise BadState(message, field="technical_name")
    if technical_name.lower() in {state.technical_name.lower() for state in there}:
        raise BadState(_("There is such a state already."), field="technical_name")
    if len(there) >= MOST_STATES:
        raise BadState(_("Keep at most %(most)d states.") % {"most": MOST_STATES})
    last = max((state.priority for state in there), default=0)
    state = LifecycleState(
        id=uuid.uuid4(),
        profile=current,
        technical_name=technical_name,
        created_at=at,
        created_by=by.label[:200],
        changed_at=at,
        **{"priority": last + PRIORITY_STEP, **draft.cleaned()},
    )
    _save(state, force_insert=True)
    after = _told(state)
    record("lifecycle_state.added", by=by, subject=state, after=after, at=at)
    return state


@transaction.atomic
def edit(
    *, by: Actor, state: LifecycleState, draft: Draft, revision: int, at: datetime
) -> LifecycleState:
    """Change a state; the technical name stays.

    Raises:
        EditConflict: somebody changed it since `revision` was read.
        StateGone, ProfileGone, DomainError: `field` names what is wrong.
    """
    policies.check_may_manage(by)
    current = _locked(state)
    if current.revision != revision:
        raise EditConflict(current)
    values = draft.cleaned()
    changed = [name for name in values if getattr(current, name) != values[name]]
    if not changed:
        return current
    before = {name: getattr(current, name) for name in changed}
    for name in changed:
        setattr(current, name, values[name])
    _change(current, at=at)
    if {"identity_state", "on_entry"} & set(changed) and current.is_enabled:
        mark_changed(_only(current.profile), at=at)
    after = {name: values[name] for name in changed}
    record("lifecycle_state.edited", by=by, subject=current, before=before, after=after, at=at)
    return current


@transaction.atomic
def set_enabled(*, by: Actor, state: LifecycleState, enabled: bool, at: datetime) -> None:
    """Let identities enter a state, or let nobody be in it; what that changes is to be applied.

    Raises:
        StateInUse: the profile invites those who enter it.
        StateGone, ProfileGone.
    """
    policies.check_may_manage(by)
    current = _locked(state)
    if current.is_enabled == enabled:
        return
    if not enabled:
        _check_not_invited_on(current)
    current.is_enabled = enabled
    _change(current, at=at)
    mark_changed(_only(current.profile), at=at)
    action = "lifecycle_state.enabled" if enabled else "lifecycle_state.disabled"
    record(action, by=by, subject=current, at=at)


@transaction.atomic
def remove(*, by: Actor, state: LifecycleState, at: datetime, revision: int | None = None) -> None:
    """Remove a state in which nobody is. Twice is harmless.

    Raises:
        EditConflict: somebody changed it since `revision` was read, where that is said.
        StateInUse: identities are in it, or the profile invites those who enter it.
        ProfileGone.
    """
    policies.check_may_manage(by)
    try:
        current = _locked(state)
    except StateGone:
        return
    if revision is not None and current.revision != revision:
        raise EditConflict(current)
    count = queries.identities_in(current).count()
    if count:
        said = ngettext(
            "%(n)s identity is in this state. Disable the state and apply the changes first.",
            "%(n)s identities are in this state. Disable the state and apply the changes first.",
            count,
        )
        raise StateInUse(said % {"n": f"{count:,}"})
    _check_not_invited_on(current)
    before = _told(current)
    record("lifecycle_state.removed", by=by, subject=current, before=before, at=at)
    if current.is_enabled:
        mark_changed(_only(current.profile), at=at)
    current.delete()


def _check_not_invited_on(state: LifecycleState) -> None:
    if state.profile.invite_state == state.technical_name:
        raise StateInUse(
            _(
                "The profile invites identities when they enter this state. Choose otherwise on "
                "its Settings tab first."
            )
        )


def _locked(state: LifecycleState) -> LifecycleState:
    _source, profile = lock(state.profile)
    found = LifecycleState.objects.filter(pk=state.pk, profile=profile).first()
    if found is None:
        raise StateGone
    found.profile = profile
    return found


def _change(state: LifecycleState, *, at: datetime) -> None:
    state.revision += 1
    state.changed_at = at
    _save(state)


def _save(state: LifecycleState, *, force_insert: bool = False) -> None:
    try:
        with transaction.atomic():
            state.save(force_insert=force_insert)
    except IntegrityError as error:
        raise BadState(_("There is a state of this name already."), field="name") from error


def _only(profile: IdentityProfile) -> Any:
    return IdentityProfile.objects.existing().filter(pk=profile.pk)


def _told(state: LifecycleState) -> dict[str, Any]:
    return {
        "profile": state.profile.name,
        "technical_name": state.technical_name,
        "description": state.description,
        "identity_state": state.identity_state,
        "on_entry": state.on_entry,
    }
