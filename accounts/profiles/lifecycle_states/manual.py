"""A person sets the state of one identity; it stays until the source says something else."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.identities import actions as identities
from accounts.identities import invitations
from accounts.identities import policies as identity_policies
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.profiles.attributes import LIFECYCLE_STATE
from accounts.profiles.leading import UNSEEN
from accounts.profiles.lifecycle_states import queries
from accounts.profiles.lifecycle_states.models import Entry, IdentityLifecycle, LifecycleState
from accounts.profiles.lifecycle_states.settling import IDENTITY_STATE
from accounts.profiles.locking import lock
from accounts.profiles.models import IdentityAccount, IdentityProfile, InvitePolicy
from accounts.profiles.preview import said_by_source
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.models import ServiceAccount
from accounts.sources.models import SourceAccount


class NoStates(DomainError):
    """The identity belongs to no profile, and so has no life-cycle states."""

    code = "no_lifecycle_states"

    def __init__(self) -> None:
        super().__init__(
            _("This identity belongs to no identity profile, and so has no life-cycle states.")
        )


class NotASetState(DomainError):
    """The state is of another profile, or not enabled."""

    code = "not_a_lifecycle_state"

    def __init__(self) -> None:
        super().__init__(
            _("Choose an enabled life-cycle state of this identity's profile."), field="state"
        )


@transaction.atomic
def set_state(*, by: Actor, identity: Identity, state: LifecycleState, at: datetime) -> None:
    """Put an identity into a state, with all that entering it does.

    Raises:
        NoStates, NotASetState: the identity cannot be in this state.
        IdentityGone, OwnLevels, LastAdministrator, AboveOneself, NotAllowed: as disabling does.
    """
    profile = _locked_profile(identity)
    current = identities.lock(identity)
    identity_policies.check_may_act_on(by, current, Permission.IDENTITY_MANAGE)
    state = _checked(state, profile)
    before = current.attributes.get(LIFECYCLE_STATE)
    row, _made = IdentityLifecycle.objects.get_or_create(identity=current)
    if not row.manual_state:
        row.source_state = said_by_source(profile, _leading_account(profile, current), at=at)
    row.manual_state, row.set_at, row.set_by = state.technical_name, at, by.label[:200]
    row.save()
    if before != state.technical_name:
        _write(current, profile, state, at=at)
        record(
            "identity.lifecycle_state_set",
            by=by,
            subject=current,
            before={"state": before},
            after={"state": state.technical_name},
            at=at,
        )
        _enter(by, current, profile, state, at)


@transaction.atomic
def follow_source(*, by: Actor, identity: Identity, at: datetime) -> None:
    """Let the source decide again; what it says is taken by the next processing."""
    profile = _locked_profile(identity)
    current = identities.lock(identity)
    identity_policies.check_may_act_on(by, current, Permission.IDENTITY_MANAGE)
    ended = (
        IdentityLifecycle.objects.filter(identity=current)
        .exclude(manual_state="")
        .update(manual_state="", source_state="", set_at=None, set_by="")
    )
    if not ended:
        return
    links = IdentityAccount.objects.filter(source=profile.source_id, identity=current)
    links.update(digest=UNSEEN)
    IdentityProfile.objects.filter(pk=profile.pk).update(applied_generation=0)
    record("identity.lifecycle_state_freed", by=by, subject=current, at=at)


def _locked_profile(identity: Identity) -> IdentityProfile:
    profile = queries.profile_of(identity)
    if profile is None:
        raise NoStates
    return lock(profile)[1]


def _checked(state: LifecycleState, profile: IdentityProfile) -> LifecycleState:
    found = LifecycleState.objects.filter(pk=state.pk, profile=profile, is_enabled=True).first()
    if found is None:
        raise NotASetState
    return found


def _leading_account(profile: IdentityProfile, identity: Identity) -> SourceAccount | None:
    links = IdentityAccount.objects.filter(
        source=profile.source_id, identity=identity, leads=True
    ).values("native_identity")
    accounts = SourceAccount.objects.filter(source=profile.source_id)
    return accounts.filter(native_identity__in=links).first()


def _write(
    identity: Identity, profile: IdentityProfile, state: LifecycleState, *, at: datetime
) -> None:
    identity.attributes = {**identity.attributes, LIFECYCLE_STATE: state.technical_name}
    if not profile.mappings.filter(attribute=IDENTITY_STATE).exists():
        identity.attributes.pop(IDENTITY_STATE, None)
        if state.identity_state:
            identity.attributes[IDENTITY_STATE] = state.identity_state
    identity.changed_at = at
    identity.save(update_fields=["attributes", "changed_at"])


def _enter(
    by: Actor,
    identity: Identity,
    profile: IdentityProfile,
    state: LifecycleState,
    at: datetime,
) -> None:
    row = IdentityLifecycle.objects.get(identity=identity)
    if state.on_entry == Entry.DISABLE and identity.disabled_at is None:
        _disable(by, identity, at)
        IdentityLifecycle.objects.filter(identity=identity).update(disabled_at=at)
    elif (
        state.on_entry == Entry.ENABLE
        and identity.disabled_at is not None
        and identity.disabled_at == row.disabled_at
    ):
        _enable(by, identity, at)
        IdentityLifecycle.objects.filter(identity=identity).update(disabled_at=None)
    invites = profile.invite_policy == InvitePolicy.ON_STATE
    if invites and profile.invite_state == state.technical_name:
        _invite(by, identity, at)


def _disable(by: Actor, identity: Identity, at: datetime) -> None:
    if identity.is_person:
        identities.disable(by=by, identity=identity, at=at)
    else:
        account = ServiceAccount.objects.get(pk=identity.pk)
        service_accounts.disable(by=by, account=account, at=at)


def _enable(by: Actor, identity: Identity, at: datetime) -> None:
    if identity.is_person:
        identities.enable(by=by, identity=identity, at=at)
    else:
        service_accounts.enable(by=by, account=ServiceAccount.objects.get(pk=identity.pk), at=at)


def _invite(by: Actor, identity: Identity, at: datetime) -> None:
    """As processing does: who has a password or no address, or is disabled, is passed over."""
    identity.refresh_from_db()
    if identity.is_registered:
        return
    try:
        invitations.check_can_be_invited(identity, at=at)
    except invitations.CannotInvite:
        return
    invitations.invite(by=by, identity=identity, at=at)
