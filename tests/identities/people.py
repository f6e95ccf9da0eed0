"""A person to be added, and what to do with the mail that they get."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone

from accounts.identities import invitations
from accounts.identities.models import Invitation
from accounts.models import Identity

BOTH = {"password": "three ducks on a pond", "password_again": "three ducks on a pond"}
NEW: dict[str, Any] = {
    "user_name": "audit01",
    "first_name": "Nina",
    "last_name": "Novak",
    "email": "nina@example.com",
}


def path_in(message: Any) -> str:
    """Where the link of a mail leads."""
    found = re.search(r"http://127\.0\.0\.1:8000(/register/[\w-]{43}/)\n", message.body)
    assert found, message.body
    return found.group(1)


def invite(person: Identity, by: Identity) -> Invitation:
    return invitations.invite(by=by, identity=person, at=timezone.now())
