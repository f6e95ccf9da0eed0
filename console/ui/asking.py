"""Whom somebody asks who sees what is wrong and may not mend it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.identities.queries import who_may

NAMED: Final = 2
"""People; further ones are not told, so that none of them is everybody's first choice."""


def whom_to_ask(permission: Permission) -> str:
    """A sentence, such as "Ask Ada Abel (ada@example.com) or Ingrid Ask."."""
    people = [
        f"{person.display_name} ({person.email})" if person.email else person.display_name
        for person in who_may(permission, limit=NAMED)
    ]
    if not people:
        return _("Ask a tenant administrator.")
    return _("Ask %(people)s.") % {"people": _(" or ").join(people)}
