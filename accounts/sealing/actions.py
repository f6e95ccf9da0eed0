from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.jobs import actions as jobs
from accounts.jobs.models import Job
from accounts.lib.errors import DomainError
from accounts.sealing import queries, ring_file
from accounts.sealing.keyring import key_id, key_ring
from accounts.sealing.models import SealingKey
from accounts.sealing.ring_file import RingIsReadOnly
from accounts.sealing.states import KIND


class KeyInUse(DomainError):
    """The key cannot be taken out: it seals, values need it, or did until a moment ago."""

    code = "sealing_key_in_use"


class NoSuchKey(DomainError):
    """No key of that name is on the ring."""

    code = "no_such_sealing_key"

    def __init__(self) -> None:
        super().__init__(_("There is no key of that name on the ring."))


@transaction.atomic
def rotate(*, by: Actor, at: datetime) -> SealingKey:
    """Add a key that seals from now on, and have all values wrapped by it in the background.

    Raises:
        NotAllowed, RingIsReadOnly
        AlreadyRunning: values are being wrapped for the last rotation still.
    """
    check_may(by, Permission.TENANT_MANAGE)
    if not ring_file.is_writable():
        raise RingIsReadOnly
    _start(by, at)
    with ring_file.locked():
        key = ring_file.new_key()
        made = SealingKey.objects.create(key_id=key_id(key), seen_at=at)
        record("sealing_key.added", by=by, subject=made, at=at)
        # at the very end: a key in the file that no row tells of does no harm
        ring_file.add(key)
    return made


@transaction.atomic
def rewrap(*, by: Actor, at: datetime) -> Job:
    """Have all values wrapped by the newest key, where another program put that into the file.

    Raises:
        NotAllowed, AlreadyRunning
    """
    check_may(by, Permission.TENANT_MANAGE)
    return _start(by, at)


@transaction.atomic
def take_out(*, by: Actor, key: str, at: datetime) -> Path:
    """Take a key that nothing uses any more off the ring; answers the file that keeps a copy.

    Raises:
        NotAllowed, NoSuchKey, KeyInUse, RingIsReadOnly
    """
    check_may(by, Permission.TENANT_MANAGE)
    if not ring_file.is_writable():
        raise RingIsReadOnly
    with ring_file.locked():
        _check_unused(key, at)
        row, _made = SealingKey.objects.get_or_create(key_id=key, defaults={"seen_at": at})
        row.taken_out_at = at
        row.save(update_fields=["taken_out_at"])
        record("sealing_key.taken_out", by=by, subject=row, at=at)
        return ring_file.take_out(key)


def note_keys(*, at: datetime) -> None:
    """Remember since when keys are on the ring that nobody made here. Upkeep."""
    ring = key_ring()
    known = set(SealingKey.objects.filter(pk__in=ring.keys).values_list("pk", flat=True))
    SealingKey.objects.bulk_create(
        [SealingKey(key_id=found, seen_at=at) for found in ring.keys if found not in known],
        ignore_conflicts=True,
    )


def _start(by: Actor, at: datetime) -> Job:
    return jobs.start(by=by, kind=KIND, at=at, exclusive_key=KIND)


def _check_unused(key: str, at: datetime) -> None:
    ring = key_ring()
    if key not in ring.keys:
        raise NoSuchKey
    if key == ring.newest:
        raise KeyInUse(_("This key seals new values. Rotate first."))
    if used := queries.counts().get(key):
        said = ngettext(
            "%(number)d value needs this key. Wrap it anew first.",
            "%(number)d values need this key. Wrap them anew first.",
            used,
        )
        raise KeyInUse(said % {"number": used})
    if queries.current_job() or not queries.is_quiet(ring, key, at):
        raise KeyInUse(_("This key was in use until a moment ago. Take it out in an hour."))
