"""Who has the key of a local vault, how they come to it, and how it is replaced."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.models import (
    Identity,
    KeyLink,
    StoredAccount,
    TrustedSession,
    Vault,
    WrappedKey,
)
from accounts.trusted_sessions import actions as sessions
from accounts.trusted_sessions import recovery
from accounts.trusted_sessions.models import State
from accounts.trusted_sessions.policies import NotTrusted
from accounts.vault import sharing
from accounts.vault.local import keys, queries
from accounts.vault.local.envelopes import NotCiphertext
from accounts.vault.models import MemberRole
from tests.factories.local_vaults import (
    ask,
    ciphertext,
    make_local_vault,
    new_key,
    public_key,
    text,
    trust,
    wrap,
    wrapped_private,
)
from tests.factories.vault import share
from tests.vault.keeping import join, put

VERIFIER = text(b"v" * 32)


def test_keys_go_to_members_sessions_by_whoever_may_give_them(
    ada: Identity, here: TrustedSession, vault: Vault, otto: Identity, mallory: Identity
) -> None:
    now = timezone.now()
    strange, theirs = trust(mallory), join(ada, here, vault, otto)
    give: dict[str, Any] = {"vault": vault, "version": 1, "at": now}

    with pytest.raises(NotCiphertext):
        keys.give(by=ada, from_session=here, wraps=[wrap(strange.pk)], **give)
    with pytest.raises(NotAllowed):
        keys.give(by=mallory, from_session=strange, wraps=[wrap(strange.pk)], **give)
    with pytest.raises(NotAllowed):
        keys.add_member(by=otto, vault=vault, person=mallory, role=MemberRole.MEMBER, at=now)
    keys.add_member(by=ada, vault=vault, person=mallory, role=MemberRole.MEMBER, at=now)
    with pytest.raises(NotAllowed):
        keys.give(by=otto, from_session=theirs, wraps=[wrap(strange.pk)], **give)
    with pytest.raises(keys.KeyReplaced):
        keys.give(by=ada, from_session=here, wraps=[wrap(strange.pk)], **give | {"version": 2})
    assert keys.give(by=ada, from_session=here, wraps=[wrap(strange.pk)], **give) == 1
    assert keys.give(by=ada, from_session=here, wraps=[wrap(strange.pk)], **give) == 0
    with pytest.raises(keys.AlreadyMember):
        keys.add_member(by=ada, vault=vault, person=mallory, role=MemberRole.OWNER, at=now)


def test_approving_hands_over_keys_to_that_browser_alone(
    ada: Identity, here: TrustedSession, vault: Vault
) -> None:
    waiting, now = ask(ada), timezone.now()
    with pytest.raises(NotCiphertext):
        keys.approve(
            by=ada, session=waiting, from_session=here, wraps=[(vault.pk, wrap(here.pk))], at=now
        )
    assert TrustedSession.objects.get(pk=waiting.pk).state == State.PENDING
    keys.approve(
        by=ada, session=waiting, from_session=here, wraps=[(vault.pk, wrap(waiting.pk))], at=now
    )
    assert queries.has_key(waiting, vault)


def test_a_removed_session_gets_nothing_and_the_next_write_needs_a_new_key(
    ada: Identity, here: TrustedSession, vault: Vault, item: StoredAccount, otto: Identity
) -> None:
    gone, now = join(ada, here, vault, otto), timezone.now()
    other = join_own(ada, here, vault)
    sessions.remove(by=otto, session=gone, at=now)

    assert queries.needs_new_key(vault)
    with pytest.raises(keys.KeyReplaced):
        put(ada, here, item)
    for bad in (new_key(2, gone.pk, here.pk), new_key(2, other.pk)):
        with pytest.raises(NotCiphertext):
            put(ada, here, item, new_key=bad, envelopes=[ciphertext(2)])
    for version in (1, 3):
        wrong = new_key(version, here.pk)
        with pytest.raises(keys.KeyReplaced):
            put(ada, here, item, new_key=wrong, envelopes=[ciphertext(version)])
    put(ada, here, item, new_key=new_key(2, here.pk, other.pk), envelopes=[ciphertext(2)])

    vault.refresh_from_db()
    assert (vault.key_version, queries.needs_new_key(vault)) == (2, False)
    assert KeyLink.objects.get(vault=vault).version == 2
    assert not WrappedKey.objects.filter(version=2, session=gone).exists()
    with pytest.raises(keys.KeyReplaced):
        put(ada, here, item, serial=3)
    put(ada, other, item, serial=3, envelopes=[ciphertext(2)])


def join_own(ada: Identity, here: TrustedSession, vault: Vault) -> TrustedSession:
    waiting = ask(ada)
    given = [(vault.pk, wrap(waiting.pk))]
    return keys.approve(by=ada, session=waiting, from_session=here, wraps=given, at=timezone.now())


def test_a_member_is_removed_when_nothing_needs_them(
    ada: Identity, here: TrustedSession, vault: Vault, item: StoredAccount, otto: Identity
) -> None:
    session, now = join(ada, here, vault, otto), timezone.now()
    made = share(item, otto)

    with pytest.raises(keys.StillNeeded):
        keys.remove_member(by=ada, vault=vault, person=otto, at=now)
    with pytest.raises(keys.StillNeeded):
        keys.remove_member(by=ada, vault=vault, person=ada, at=now)
    with pytest.raises(NotAllowed):
        keys.remove_member(by=otto, vault=vault, person=otto, at=now)
    sharing.unshare(by=ada, item=item, share=made, at=now)
    assert keys.remove_member(by=ada, vault=vault, person=otto, at=now)
    assert not keys.remove_member(by=ada, vault=vault, person=otto, at=now)
    assert queries.needs_new_key(vault)
    assert not queries.sessions_of_members(vault).filter(pk=session.pk).exists()


def test_the_recovery_key_makes_a_browser_trusted_with_its_keys(
    ada: Identity, here: TrustedSession, vault: Vault, item: StoredAccount
) -> None:
    now, recovery_id = timezone.now(), uuid.uuid4()
    made = keys.make_recovery_key(
        by=ada,
        from_session=here,
        recovery_id=recovery_id,
        agreement_key=public_key(),
        wrapped_key=wrapped_private(),
        verifier=VERIFIER,
        wraps=[(vault.pk, wrap(recovery_id, is_recovery=True))],
        at=now,
    )
    assert [entry["vault"] for entry in queries.keys_for_recovery(made)] == [str(vault.pk)]
    sessions.remove(by=ada, session=here, at=now)
    session = ask(ada)

    with pytest.raises(recovery.WrongRecoveryKey):
        keys.recover(by=ada, session=session, verifier=text(b"w" * 32), wraps=[], at=now)
    wraps = [(vault.pk, wrap(session.pk))]
    keys.recover(by=ada, session=session, verifier=VERIFIER, wraps=wraps, at=now)
    assert queries.has_key(session, vault)
    with pytest.raises(sessions.NotWaiting):
        keys.recover(by=ada, session=session, verifier=VERIFIER, wraps=wraps, at=now)
    new = new_key(2, session.pk)
    new.wraps.append(wrap(recovery_id, is_recovery=True))
    put(ada, session, item, new_key=new, envelopes=[ciphertext(2)])


def test_a_recovery_key_opens_no_vault_that_was_not_wrapped_for_it(
    ada: Identity, here: TrustedSession, vault: Vault
) -> None:
    now, session = timezone.now(), ask(ada)
    keys.make_recovery_key(
        by=ada,
        from_session=here,
        recovery_id=uuid.uuid4(),
        agreement_key=public_key(),
        wrapped_key=wrapped_private(),
        verifier=VERIFIER,
        wraps=[],
        at=now,
    )
    with pytest.raises(NotCiphertext):
        keys.recover(
            by=ada,
            session=session,
            verifier=VERIFIER,
            wraps=[(vault.pk, wrap(session.pk))],
            at=now,
        )
    assert TrustedSession.objects.get(pk=session.pk).state == State.PENDING


def test_only_whoever_manages_vaults_adds_one(otto: Identity, ada: Identity) -> None:
    with pytest.raises(NotAllowed):
        make_local_vault(otto, trust(otto))
    with pytest.raises(NotTrusted):
        make_local_vault(ada, ask(ada))
    here = trust(ada)
    with pytest.raises(NotCiphertext):
        keys.create_vault(
            by=ada,
            from_session=here,
            vault_id=uuid.uuid4(),
            name="Without a key",
            description="",
            wraps=[],
            at=timezone.now(),
        )
