from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.identities import actions
from accounts.models import Identity
from tests.identities.people import NEW


@pytest.fixture
def nina(ada: Identity) -> Identity:
    """Somebody who was added and has no password yet."""
    return actions.create_person(by=ada, levels=[], at=timezone.now(), **NEW)


@pytest.fixture
def mails(django_capture_on_commit_callbacks: Any) -> Callable[[Callable[[], Any]], list[Any]]:
    """Do something, let what hangs on its commit happen, and answer the mails that came of it."""

    def done(act: Callable[[], Any]) -> list[Any]:
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return mail.outbox[before:]

    return done
