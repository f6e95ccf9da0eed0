"""How a browser becomes a trusted session: by mail the first, by approval the others."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.identities import resetting
from accounts.lib.tries import TooManyTries
from accounts.models import Event, Identity, RecoveryKey, TrustedSession
from accounts.trusted_sessions import actions, keys, queries, recovery
from accounts.trusted_sessions.models import PENDING_FOR, State
from accounts.trusted_sessions.policies import NotTrusted
from tests.factories import make_account
from tests.factories.local_vaults import (
    CHALLENGE,
    ask,
    device,
    public_key,
    text,
    trust,
    wrapped_private,
)

VERIFIER = text(b"v" * 32)


def state_of(session: TrustedSession) -> str:
    return TrustedSession.objects.get(pk=session.pk).state


def make_recovery_key(person: Identity, session: TrustedSession) -> RecoveryKey:
    return recovery.make(
        by=person,
        from_session=session,
        recovery_id=uuid.uuid4(),
        agreement_key=public_key(),
        wrapped_key=wrapped_private(),
        verifier=VERIFIER,
        at=timezone.now(),
    )


def test_the_first_becomes_trusted_by_the_code_that_is_mailed(otto: Identity) -> None:
    session, now = ask(otto), timezone.now()
    code = actions.make_code(by=otto, session=session, at=now).take()

    assert len(code) == 6
    row = TrustedSession.objects.get(pk=session.pk)
    assert code not in str(row.__dict__)
    actions.confirm_code(by=otto, session=session, code=f" {code[:3]} {code[3:]}", at=now)
    assert state_of(session) == State.TRUSTED
    assert session.name == "[otto][Laptop] - Linux/Chrome"
    event = Event.objects.get(action="trusted_session.approved")
    assert event.detail["how"] == "mail"


def test_a_code_works_once_and_for_five_minutes(otto: Identity) -> None:
    session, now = ask(otto), timezone.now()
    code = actions.make_code(by=otto, session=session, at=now).take()

    with pytest.raises(actions.WrongCode):
        actions.confirm_code(by=otto, session=session, code=code, at=now + timedelta(minutes=5))
    code = actions.make_code(by=otto, session=session, at=now).take()
    actions.confirm_code(by=otto, session=session, code=code, at=now)
    with pytest.raises(actions.NotWaiting):
        actions.confirm_code(by=otto, session=session, code=code, at=now)


def test_five_wrong_codes_end_it_also_for_the_right_one(otto: Identity) -> None:
    session, now = ask(otto), timezone.now()
    code = actions.make_code(by=otto, session=session, at=now).take()
    wrong = f"{(int(code) + 1) % 10**6:06}"

    for _try in range(5):
        with pytest.raises(actions.WrongCode):
            actions.confirm_code(by=otto, session=session, code=wrong, at=now)
    with pytest.raises(actions.WrongCode):
        actions.confirm_code(by=otto, session=session, code=code, at=now)
    assert Event.objects.filter(action="trusted_session.code_tried").count() == 6


def test_five_codes_an_hour_are_mailed(otto: Identity) -> None:
    cache.clear()
    session, now = ask(otto), timezone.now()
    for _mail in range(5):
        actions.make_code(by=otto, session=session, at=now)
    with pytest.raises(TooManyTries):
        actions.make_code(by=otto, session=session, at=now)


def test_a_code_of_another_session_does_not_work(otto: Identity) -> None:
    first, second, now = ask(otto), ask(otto), timezone.now()
    code = actions.make_code(by=otto, session=first, at=now).take()
    actions.make_code(by=otto, session=second, at=now)

    with pytest.raises(actions.WrongCode):
        actions.confirm_code(by=otto, session=second, code=code, at=now)
    assert second.name == "[otto][Laptop] - Linux/Chrome 2"


def test_once_there_is_one_no_mail_makes_another(otto: Identity) -> None:
    waiting, now = ask(otto), timezone.now()
    code = actions.make_code(by=otto, session=waiting, at=now).take()
    trust(otto)

    with pytest.raises(actions.NeedsApproval):
        actions.make_code(by=otto, session=waiting, at=now)
    with pytest.raises(actions.NeedsApproval):
        actions.confirm_code(by=otto, session=waiting, code=code, at=now)
    assert state_of(waiting) == State.PENDING


def test_a_trusted_session_approves_and_denies_each_once(otto: Identity) -> None:
    first, second, third, now = trust(otto), ask(otto), ask(otto), timezone.now()

    actions.approve(by=otto, session=second, from_session=first, at=now)
    with pytest.raises(actions.NotWaiting):
        actions.approve(by=otto, session=second, from_session=first, at=now)
    actions.deny(by=otto, session=third, from_session=first, at=now)
    with pytest.raises(actions.NotWaiting):
        actions.approve(by=otto, session=third, from_session=first, at=now)
    assert (state_of(second), state_of(third)) == (State.TRUSTED, State.DENIED)


def test_who_is_not_trusted_approves_nothing(otto: Identity) -> None:
    trust(otto)
    waiting, other, now = ask(otto), ask(otto), timezone.now()

    for session in (waiting, other):
        with pytest.raises(NotTrusted):
            actions.approve(by=otto, session=waiting, from_session=session, at=now)
    assert state_of(waiting) == State.PENDING


def test_nothing_is_done_with_the_sessions_of_somebody_else(otto: Identity, ada: Identity) -> None:
    own, theirs, now = trust(ada), ask(otto), timezone.now()
    trust(otto)

    with pytest.raises(NotAllowed):
        actions.approve(by=ada, session=theirs, from_session=own, at=now)
    with pytest.raises(NotAllowed):
        actions.remove(by=ada, session=theirs, at=now)
    with pytest.raises(NotAllowed):
        actions.make_code(by=SYSTEM, session=theirs, at=now)
    waiting = ask(ada)
    with pytest.raises(NotAllowed):
        actions.approve(by=ada, session=waiting, from_session=theirs, at=now)
    assert state_of(theirs) == State.PENDING


def test_removed_is_final(otto: Identity) -> None:
    first, browser = trust(otto), device()
    second, now = trust(otto, browser), timezone.now()

    assert actions.remove(by=otto, session=second, at=now)
    assert not actions.remove(by=otto, session=second, at=now)
    with pytest.raises(actions.NotWaiting):
        actions.approve(by=otto, session=second, from_session=first, at=now)
    with pytest.raises(keys.BadKey):
        ask(otto, browser)
    signature = browser.sign(CHALLENGE)
    with pytest.raises(NotTrusted):
        actions.prove(by=otto, session=second, challenge=CHALLENGE, signature=signature, at=now)


def test_the_21st_is_refused_until_one_is_removed(otto: Identity) -> None:
    sessions = [trust(otto) for _number in range(19)] + [ask(otto)]
    with pytest.raises(actions.TooMany):
        ask(otto)
    assert queries.of(otto).count() == 20

    actions.remove(by=otto, session=sessions[0], at=timezone.now())
    ask(otto)


def test_waiting_ends_after_a_day(otto: Identity) -> None:
    now = timezone.now()
    first, waiting = trust(otto), ask(otto, at=now - PENDING_FOR)

    with pytest.raises(actions.NotWaiting):
        actions.approve(by=otto, session=waiting, from_session=first, at=now)
    assert actions.end_what_is_over(at=now) == 1
    assert (state_of(waiting), state_of(first)) == (State.REMOVED, State.TRUSTED)


def test_who_is_disabled_has_none_and_gets_none_back(otto: Identity, ada: Identity) -> None:
    session, now = trust(otto), timezone.now()
    identities.disable(by=ada, identity=otto, at=now)

    assert not queries.has_trusted(otto)
    assert actions.end_what_is_over(at=now) == 1
    identities.enable(by=ada, identity=Identity.objects.get(pk=otto.pk), at=now)
    assert state_of(session) == State.REMOVED
    assert not queries.has_trusted(otto)


def test_a_reset_removes_all_and_the_recovery_key(otto: Identity, ada: Identity) -> None:
    session = trust(otto)
    make_recovery_key(otto, session)
    resetting.reset(by=ada, identity=otto, at=timezone.now())

    assert state_of(session) == State.REMOVED
    assert not RecoveryKey.objects.exists()
    event = Event.objects.get(action="identity.reset")
    assert event.detail["trusted_sessions_removed"] == 1


def test_a_browser_without_the_key_that_it_names_is_refused(otto: Identity) -> None:
    browser, other = device(), device()
    for asking, challenge in [
        (browser.asking(signature=other.sign(CHALLENGE)), CHALLENGE),
        (browser.asking(), "another-challenge"),
        (browser.asking(), ""),
        (browser.asking(agreement_key="A" * 87), CHALLENGE),
        (browser.asking(agreement_key=browser.agreement_key + "="), CHALLENGE),
        (browser.asking(signing_key=""), CHALLENGE),
        (browser.asking(signature="ü"), CHALLENGE),
    ]:
        with pytest.raises(keys.BadKey):
            actions.ask(
                by=otto,
                session_id=browser.id,
                asking=asking,
                challenge=challenge,
                at=timezone.now(),
            )
    assert not TrustedSession.objects.exists()


def test_a_service_account_has_none(otto: Identity) -> None:
    program = make_account("robot", owner=otto).account.identity
    with pytest.raises(NotAllowed):
        ask(program)


def test_wrong_recovery_keys_are_counted_and_end_the_right_one_for_a_while(otto: Identity) -> None:
    make_recovery_key(otto, trust(otto))
    session, now = ask(otto), timezone.now()
    wrong = text(b"w" * 32)

    recovery.check(by=otto, session=session, verifier=VERIFIER, at=now)
    for _try in range(5):
        with pytest.raises(recovery.WrongRecoveryKey):
            recovery.check(by=otto, session=session, verifier=wrong, at=now)
    with pytest.raises(recovery.WrongRecoveryKey):
        recovery.check(by=otto, session=session, verifier=VERIFIER, at=now)
    recovery.check(by=otto, session=session, verifier=VERIFIER, at=now + timedelta(minutes=16))
    assert VERIFIER not in str(RecoveryKey.objects.get().__dict__)


def test_another_recovery_key_takes_the_place_of_the_first(otto: Identity) -> None:
    session = trust(otto)
    first = make_recovery_key(otto, session)
    second = make_recovery_key(otto, session)

    assert list(RecoveryKey.objects.all()) == [second]
    assert first.pk != second.pk
    assert recovery.discard(by=otto, from_session=session, at=timezone.now())
    assert not recovery.discard(by=otto, from_session=session, at=timezone.now())
    with pytest.raises(NotTrusted):
        make_recovery_key(otto, ask(otto))
