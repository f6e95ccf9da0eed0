from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.authorization.permissions import Permission
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.run import Run
from accounts.sealing import queries
from accounts.sealing.envelope import SealBroken, rewrap
from accounts.sealing.keyring import KeyRing, key_ring
from accounts.sealing.places import Found, Place, places
from accounts.sealing.sealed import Sealed
from accounts.sealing.states import KIND

BATCH: Final = 500
"""Values of one transaction: a twentieth of a second, for which others wait on SQLite."""


class RewrapValues(JobKind):
    """Wraps the data key of every sealed value with the newest key of the ring.

    What is done is seen in the values themselves, so whoever begins again goes on.
    """

    label: str | Promise = gettext_lazy("Wrap sealed values anew")
    permission: Permission | None = Permission.TENANT_MANAGE
    max_attempts: int = 20

    def run(self, run: Run) -> Mapping[str, Any]:
        work = _Work(run)
        # again, as long as there is something: others may have written with an older key meanwhile
        while work.once():
            pass
        left = _waiting(key_ring())
        return {"rewrapped": work.done, "left": left}


class _Work:
    def __init__(self, run: Run) -> None:
        self.run, self.done = run, 0
        run.phase(_("Wrapping sealed values"), total=_waiting(key_ring()))

    def once(self) -> int:
        """Go through all places; answers how many values were wrapped."""
        before = self.done
        for place in places.values():
            ring = key_ring()
            for key_id in place.counts():
                if key_id != ring.newest and key_id in ring.keys:
                    self._place(place, key_id)
        return self.done - before

    def _place(self, place: Place, key_id: str) -> None:
        after = None
        while found := place.find(key_id, after=after, limit=BATCH):
            ring = key_ring()
            if key_id == ring.newest:
                return
            pairs = [(one, new) for one in found if (new := _wrapped(one, ring))]
            with transaction.atomic():
                self.done += place.swap(pairs)
            after = found[-1].pk
            self.run.progress(self.done)


def _wrapped(found: Found, ring: KeyRing) -> Sealed | None:
    """None for what does not open: it stays, and keeps its key on the ring."""
    try:
        return rewrap(found.sealed, context=found.context, ring=ring)
    except SealBroken:
        return None


def _waiting(ring: KeyRing) -> int:
    used = queries.counts()
    return sum(used.values()) - used.get(ring.newest, 0)


def register() -> None:
    kinds.register(KIND, RewrapValues())
