"""A new signing key is published before it signs; an old one verifies until its tokens end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.models import Identity
from accounts.sealing import SealBroken
from tests.access_tokens.reading import published_keys, read
from tests.oauth.holder import Holder
from tokens.signing import actions, current, keys
from tokens.signing.models import SigningKey

pytestmark = pytest.mark.django_db

PATH = "/environment/info"


def key_id(token: str) -> str:
    return str(read(token).header["kid"])


def published() -> set[str | None]:
    return {key.kid for key in published_keys()}


def test_the_first_key_is_made_when_it_is_needed(holder: Holder) -> None:
    assert not SigningKey.objects.exists()
    holder.token()
    assert SigningKey.objects.count() == 1
    assert Event.objects.filter(action="signing_key.made", actor_id="system").count() == 1


def test_the_new_key_is_published_at_once_and_signs_later(holder: Holder) -> None:
    now = timezone.now()
    before = holder.token()
    new = actions.rotate(by=SYSTEM, at=now)
    keys.forget()
    assert new.key_id in published()
    assert key_id(holder.token()) == key_id(before)
    with time_machine.travel(now + actions.PUBLISHED_BEFORE_USE + timedelta(seconds=1)):
        keys.forget()
        assert key_id(holder.token()) == new.key_id


def test_no_token_fails_while_keys_change(holder: Holder) -> None:
    """RB-37: each token verifies by the published keys for as long as it lives."""
    start = timezone.now()
    holder.token()
    actions.rotate(by=SYSTEM, at=start)
    for minutes in range(0, 100, 7):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            keys.forget()
            token = holder.token()
            assert key_id(token) in published()
        with time_machine.travel(start + timedelta(minutes=minutes, seconds=890)):
            keys.forget()
            assert holder.get(PATH, token).status_code == 200


def test_an_old_key_is_not_published_for_ever(holder: Holder) -> None:
    now = timezone.now()
    old = key_id(holder.token())
    actions.rotate(by=SYSTEM, at=now)
    with time_machine.travel(now + timedelta(hours=2)):
        keys.forget()
        assert old not in published()


def test_a_token_by_a_key_that_another_process_made_is_accepted(holder: Holder) -> None:
    """This process has read its keys already, and reads them again for a name it does not know."""
    now = timezone.now()
    holder.token()
    other = actions._make(active_from=now, at=now)
    known = keys._current()
    token = holder.token()
    assert keys._current() is known
    SigningKey.objects.filter(pk=other.pk).update(active_from=now)
    assert keys.verifier(other.pk) is not None
    assert keys._current() is not known
    assert holder.get(PATH, token).status_code == 200


def test_only_who_manages_the_tenant_rotates(vera: Identity, ada: Identity) -> None:
    with pytest.raises(NotAllowed):
        actions.rotate(by=vera, at=timezone.now())
    actions.rotate(by=ada, at=timezone.now())
    assert Event.objects.filter(action="signing_key.rotated", actor_id=str(ada.pk)).exists()


def test_the_private_half_lies_sealed_in_its_own_row(holder: Holder) -> None:
    """RB-34: moved to another row, it does not open."""
    now = timezone.now()
    holder.token()
    first = SigningKey.objects.get()
    assert b"PRIVATE" not in bytes(first.sealed_private)
    second = actions._make(active_from=now, at=now)
    SigningKey.objects.filter(pk=second.pk).update(sealed_private=first.sealed_private)
    keys.forget()
    with pytest.raises(SealBroken):
        current.signer(now)
