"""Who has the key of a local vault: made, handed over and replaced by a browser that has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.locking import lock as lock_identity
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.trusted_sessions import actions as sessions
from accounts.trusted_sessions import keys as public
from accounts.trusted_sessions import policies as trusted
from accounts.trusted_sessions import recovery as recovery_key
from accounts.trusted_sessions.models import RecoveryKey, TrustedSession
from accounts.vault import policies as vault_policies
from accounts.vault import vaults
from accounts.vault.local import policies, queries
from accounts.vault.local.envelopes import NewKey, NotCiphertext, Wrap
from accounts.vault.local.models import KeyLink, LocalMember, WrappedKey
from accounts.vault.models import MemberRole, StoredAccount, Vault, VaultKind

MOST_MEMBERS: Final = 100


class KeyReplaced(DomainError):
    """Another browser replaced the key of the vault meanwhile."""

    code = "vault_key_replaced"

    def __init__(self) -> None:
        super().__init__(_("The key of this vault was replaced meanwhile. Load the page again."))


class AlreadyMember(DomainError):
    """They belong to the vault already."""

    code = "already_member"


class StillNeeded(DomainError):
    """The vault would be left without an owner, or accounts in it without one of theirs."""

    code = "member_still_needed"


@transaction.atomic
def create_vault(
    *,
    by: Actor,
    from_session: TrustedSession,
    vault_id: UUID,
    name: str,
    description: str,
    wraps: Sequence[Wrap],
    at: datetime,
) -> Vault:
    """Add a local vault whose key a trusted session of its first owner made.

    Raises:
        NotAllowed, NotTrusted, TooMany, BadText, NameTaken
        NotCiphertext: the key is not wrapped for that session, or for somebody else.
    """
    vault_policies.check_may_manage(by)
    session = trusted.check_trusted(by, from_session)
    if Vault.objects.filter(pk=vault_id).exists():
        raise NotCiphertext
    made = vaults.add(
        by=by,
        vault=Vault(id=vault_id, kind=VaultKind.LOCAL, key_version=1),
        name=name,
        description=description,
        at=at,
    )
    LocalMember.objects.create(
        vault=made,
        identity=session.identity,
        role=MemberRole.OWNER,
        added_at=at,
        added_by=by.label[:200],
    )
    _put_wraps(by, made, wraps, at, needed=session)
    return made


@transaction.atomic
def approve(
    *,
    by: Actor,
    session: TrustedSession,
    from_session: TrustedSession,
    wraps: Sequence[tuple[UUID, Wrap]],
    at: datetime,
) -> TrustedSession:
    """Trust another browser of one's own, and hand it the keys that this one has.

    `wraps` has the id of the vault with each.

    Raises:
        NotAllowed, NotTrusted, NotWaiting, NoKey, NotCiphertext
    """
    approved = sessions.approve(by=by, session=session, from_session=from_session, at=at)
    for vault_id, wrap in wraps:
        if wrap.is_recovery or wrap.recipient != approved.pk:
            raise NotCiphertext
        _give(by, _lock(vault_id), from_session, [wrap], at)
    return approved


@transaction.atomic
def give(
    *,
    by: Actor,
    vault: Vault,
    from_session: TrustedSession,
    version: int,
    wraps: Sequence[Wrap],
    at: datetime,
) -> int:
    """Hand the key of a vault to trusted sessions of its members: of one's own, and as an owner of
    the vault to those of others. Answers to how many; whoever has it keeps it.

    Raises:
        NotAllowed, NotTrusted, NoKey, KeyReplaced, NotCiphertext
    """
    policies.check_has_key(by, from_session, vault)
    current = _lock(vault.pk)
    if current.key_version != version:
        raise KeyReplaced
    return _give(by, current, from_session, wraps, at)


@transaction.atomic
def make_recovery_key(
    *,
    by: Actor,
    from_session: TrustedSession,
    recovery_id: UUID,
    agreement_key: str,
    wrapped_key: str,
    verifier: str,
    wraps: Sequence[tuple[UUID, Wrap]],
    at: datetime,
) -> RecoveryKey:
    """Keep a recovery key, and the keys that this session has, wrapped for it.

    Raises:
        NotAllowed, NotTrusted, BadKey, NoKey, NotCiphertext
    """
    made = recovery_key.make(
        by=by,
        from_session=from_session,
        recovery_id=recovery_id,
        agreement_key=agreement_key,
        wrapped_key=wrapped_key,
        verifier=verifier,
        at=at,
    )
    for vault_id, wrap in wraps:
        if not wrap.is_recovery or wrap.recipient != made.pk:
            raise NotCiphertext
        _give(by, _lock(vault_id), from_session, [wrap], at)
    return made


def recover(
    *,
    by: Actor,
    session: TrustedSession,
    verifier: str,
    wraps: Sequence[tuple[UUID, Wrap]],
    at: datetime,
) -> TrustedSession:
    """Trust a browser into which the recovery key was typed, with the keys that came out of it.

    Raises:
        NotAllowed, NotWaiting, BadKey, WrongRecoveryKey, NotCiphertext
    """
    recovery_key.check(by=by, session=session, verifier=verifier, at=at)
    with transaction.atomic():
        person = lock_identity(trusted.check_own(by, session))
        found = RecoveryKey.objects.filter(identity=person).first()
        if found is None or found.verifier != public.verifier_digest(verifier):
            raise recovery_key.WrongRecoveryKey  # another was made at the same moment
        recovered = sessions.trust_recovered(by=by, session=session, at=at)
        for vault_id, wrap in wraps:
            vault = _lock(vault_id)
            had = WrappedKey.objects.filter(recovery=found, vault=vault, version=vault.key_version)
            if not had.exists() or wrap.is_recovery or wrap.recipient != recovered.pk:
                raise NotCiphertext
            _put_wraps(by, vault, [wrap], at)
    return recovered


@transaction.atomic
def add_member(
    *, by: Actor, vault: Vault, person: Identity, role: MemberRole, at: datetime
) -> LocalMember:
    """Let somebody have the key; they have it once it is handed to one of their trusted sessions.

    Raises:
        NotAllowed: it is for owners of the vault.
        IdentityGone, NotAPerson, AlreadyMember, TooMany
    """
    policies.check_owns(by, vault)
    named = lock_identity(person)
    current = _lock(vault.pk)
    policies.check_owns(by, current)
    if not named.is_person or not named.is_active:
        raise AlreadyMember(_("Choose a person who can sign in."), field="person")
    if queries.role_in(named, current) is not None:
        raise AlreadyMember(_("They belong to this vault already."), field="person")
    if current.local_members.count() >= MOST_MEMBERS:
        message = _("A local vault has at most %(most)d members.") % {"most": MOST_MEMBERS}
        raise vaults.TooMany(message)
    made = LocalMember.objects.create(
        vault=current, identity=named, role=role, added_at=at, added_by=by.label[:200]
    )
    after = {"member": named.user_name, "role": str(role)}
    record("vault.member_added", by=by, subject=current, after=after, at=at)
    return made


@transaction.atomic
def remove_member(*, by: Actor, vault: Vault, person: Identity, at: datetime) -> bool:
    """Take somebody out of a local vault: the next write uses a key that they never get. Answers
    whether they belonged to it.

    Raises:
        NotAllowed: it is for owners of the vault.
        StillNeeded: they are its last owner, or have a share of an account in it.
    """
    policies.check_owns(by, vault)
    current = _lock(vault.pk)
    policies.check_owns(by, current)
    found = LocalMember.objects.filter(vault=current, identity=person).first()
    if found is None:
        return False
    others = current.local_members.exclude(pk=found.pk)
    if not others.filter(role=MemberRole.OWNER, identity__disabled_at=None).exists():
        raise StillNeeded(_("A local vault has an owner who can sign in. Add another one first."))
    if StoredAccount.objects.filter(vault=current, shares__identity=person).exists():
        raise StillNeeded(_("They have a share of accounts in this vault. Take those away first."))
    before = {"member": person.user_name, "role": str(found.role)}
    found.delete()
    record("vault.member_removed", by=by, subject=current, before=before, at=at)
    return True


def replace(
    by: Actor, vault: Vault, from_session: TrustedSession, new: NewKey, at: datetime
) -> None:
    """Put the next key of a vault in force, within the write that brings it; its row is locked.

    Raises:
        KeyReplaced: another was faster.
        NotCiphertext: it is wrapped for somebody who may not have it, or not for this session.
    """
    if new.version != vault.key_version + 1 or not queries.needs_new_key(vault):
        raise KeyReplaced
    before = {row["id"] for row in queries.recipients(vault)}
    if any(str(wrap.recipient) not in before for wrap in new.wraps):
        raise NotCiphertext
    vault.key_version = new.version
    Vault.objects.filter(pk=vault.pk).update(key_version=new.version)
    KeyLink.objects.create(vault=vault, version=new.version, envelope=new.link)
    _put_wraps(by, vault, new.wraps, at, needed=from_session)
    detail = {"version": new.version, "recipients": len(new.wraps)}
    record("vault.key_replaced", by=by, subject=vault, detail=detail, at=at)


def _give(
    by: Actor, vault: Vault, from_session: TrustedSession, wraps: Sequence[Wrap], at: datetime
) -> int:
    person = policies.check_has_key(by, from_session, vault)
    own = {person.pk}
    if any(_whose(vault, wrap) not in own for wrap in wraps):
        policies.check_owns(by, vault)
    count = _put_wraps(by, vault, wraps, at)
    if count:
        detail = {"recipients": count, "version": vault.key_version}
        record("vault.key_given", by=by, subject=vault, detail=detail, at=at)
    return count


def _whose(vault: Vault, wrap: Wrap) -> UUID:
    if wrap.is_recovery:
        recovery = queries.recovery_keys_of_members(vault).filter(pk=wrap.recipient).first()
        if recovery is None:
            raise NotCiphertext
        return recovery.identity_id
    session = queries.sessions_of_members(vault).filter(pk=wrap.recipient).first()
    if session is None:
        raise NotCiphertext
    return session.identity_id


def _put_wraps(
    by: Actor,
    vault: Vault,
    wraps: Sequence[Wrap],
    at: datetime,
    *,
    needed: TrustedSession | None = None,
) -> int:
    """Keep what is wrapped for members' sessions and recovery keys; answers how many are new."""
    count = 0
    for wrap in wraps:
        _whose(vault, wrap)
        whose = {"recovery_id" if wrap.is_recovery else "session_id": wrap.recipient}
        _row, is_new = WrappedKey.objects.get_or_create(
            vault=vault,
            version=vault.key_version,
            **whose,
            defaults={
                "envelope": wrap.envelope,
                "endorsement": wrap.endorsement,
                "made_at": at,
                "made_by": by.label[:200],
            },
        )
        count += is_new
    if needed is not None and not queries.has_key(needed, vault):
        raise NotCiphertext
    return count


def _lock(vault_id: UUID) -> Vault:
    rows = Vault.objects.select_for_update().filter(pk=vault_id, kind=VaultKind.LOCAL)
    found = rows.first()
    if found is None:
        raise vaults.VaultGone
    return found
