"""What the worker clears away, and what it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from tests.oauth.holder import Holder
from tokens.access_tokens import actions, upkeep
from tokens.access_tokens.models import RevokedToken, UsedAssertion
from tokens.access_tokens.verify import verify

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["forget_used_assertions", "forget_revoked_tokens"])
def test_the_worker_knows_of_it(name: str) -> None:
    ours = f"tokens.access_tokens.upkeep.{name}"
    assert ours in settings.UPKEEP
    import_string(ours)()


def test_many_are_forgotten_in_batches(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "FORGET_BATCH", 2)
    for _time in range(5):
        holder.token()
    assert actions.forget_used_assertions(at=timezone.now() + timedelta(hours=1)) == 5
    assert not UsedAssertion.objects.exists()


def test_a_revoked_token_is_remembered_until_nobody_would_take_it(
    holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "FORGET_BATCH", 2)
    now = timezone.now()
    for _time in range(5):
        token = verify(holder.token(), now)
        actions.revoke(by=token.holder, token=token, at=now)
    for ahead in (timedelta(), timedelta(hours=1)):
        with time_machine.travel(now + ahead):
            upkeep.forget_revoked_tokens()
        assert RevokedToken.objects.count() == 5
    with time_machine.travel(now + timedelta(hours=25)):
        upkeep.forget_revoked_tokens()
    assert not RevokedToken.objects.exists()
