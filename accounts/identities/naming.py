"""Who is meant by a user name or e-mail address that somebody types.

Whoever is not allowed to list people could find out who there is by trying names: so after some
that mean nobody they have to wait.
"""

from __future__ import annotations

from typing import Final

from accounts.identities import queries
from accounts.identities.models import Identity
from accounts.lib import tries

ACTION: Final = "name_person"


def meant(text: str, *, by: Identity) -> Identity | None:
    """The one other person who is meant and can sign in; None where there is none, or several.
    Then the caller has `count_unknown` once no transaction takes it back.

    Raises:
        TooManyTries: they have typed too many names of nobody lately.
    """
    tries.check(ACTION, user=by)
    return queries.named(text, but=by)


def count_unknown(by: Identity) -> None:
    """Note that somebody typed a name that means nobody.

    Raises:
        TooManyTries: as often as may be already, by others of their calls at the same time.
    """
    tries.count(ACTION, user=by)
