"""What the worker clears away, and what it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from tests.oauth.holder import Holder
from tokens.access_tokens import actions
from tokens.access_tokens.models import UsedAssertion

pytestmark = pytest.mark.django_db


def test_the_worker_knows_of_it() -> None:
    ours = "tokens.access_tokens.upkeep.forget_used_assertions"
    assert ours in settings.UPKEEP
    import_string(ours)()


def test_many_are_forgotten_in_batches(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "FORGET_BATCH", 2)
    for _time in range(5):
        holder.token()
    assert actions.forget_used_assertions(at=timezone.now() + timedelta(hours=1)) == 5
    assert not UsedAssertion.objects.exists()
