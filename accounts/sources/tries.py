"""How often somebody may have Steward connect to a source that they describe."""

from __future__ import annotations

from accounts.identities.models import Identity
from accounts.lib import tries
from accounts.sources.models import Source


def count(person: Identity, source: Source | None) -> None:
    """Count one more of somebody, by whichever door; `source` is None while it is only being made.

    Raises:
        TooManyTries: the next has to wait.
    """
    key = f"{person.pk}:{source.pk if source else 'new'}"
    tries.count("try_source", user=person, key=key)
