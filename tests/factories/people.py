from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import OWNER
from accounts.identities import actions, ownership
from accounts.models import Identity

PASSWORD = "correct horse battery staple"


def make_person(user_name: str, *, levels: Sequence[str] = (), first_name: str = "") -> Identity:
    """A person who can sign in with `PASSWORD`; as Owner the first of the tenant."""
    person = actions.create_person(
        by=SYSTEM,
        user_name=user_name,
        first_name=first_name or user_name.capitalize(),
        last_name="",
        email=f"{user_name}@example.com",
        levels=[level for level in levels if level != OWNER],
        at=timezone.now(),
    )
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    if OWNER in levels:
        ownership.appoint_first(first=person, at=timezone.now())
    return person
