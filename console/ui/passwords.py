"""Asking somebody who is signed in for their password once more."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.audit import record
from accounts.audit.models import Outcome
from accounts.models import Identity


def is_password_of(request: HttpRequest, person: Identity, password: str) -> bool:
    """Check by the same backends as sign-in does, so that its lock-out holds here too."""
    found = authenticate(request, username=person.user_name, password=password)
    if found is None or found.pk != person.pk:
        record("sign_in.confirmation_failed", by=person, subject=person, outcome=Outcome.REFUSED)
        return False
    record("sign_in.confirmed", by=person, subject=person)
    return True
