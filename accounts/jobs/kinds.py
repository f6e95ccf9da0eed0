"""The kinds of job: each is registered by the slice that owns it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Q
from django.utils.functional import Promise

from accounts.authorization.permissions import Permission
from accounts.lib.registry import Registry

if TYPE_CHECKING:
    from accounts.audit.actors import Actor
    from accounts.identities.models import Identity
    from accounts.jobs.models import Job
    from accounts.jobs.run import Run


class JobKind(Protocol):
    """What a kind of job is called, who may have it done, and what it does."""

    label: str | Promise
    permission: Permission | None = None
    """Asked when it is asked for and again when it starts; None: only the system asks for it."""
    max_attempts: int = 5
    """How often it is begun at most when workers die under it."""

    def reaches(self, by: Actor, subject_id: str) -> bool:
        """Whether what it is about is for `by` to act on, who has the permission."""
        return True

    def seen_by(self, person: Identity) -> Q | None:
        """Which of these jobs a person sees who does not see all; besides those of their own."""
        return None

    def may_be_scheduled(self, by: Actor | None, payload: Mapping[str, Any]) -> bool:
        """Whether whoever set a schedule up may have it done still; asked each time it is due.

        None is somebody who is not known.
        """
        return True

    @abstractmethod
    def run(self, run: Run) -> Mapping[str, Any]:
        """Do it, and answer the result as plain JSON. Safe to begin again after any point.

        What may not happen twice goes into one transaction that calls `run.hold()` before it
        ends, or ends with `run.finish()`.
        """
        ...

    def lock_to_fail(self, job: Job, *, wait: bool) -> bool:
        """Take the locks that `ended` needs after a failure, before the row of the job is locked.

        Work locks what it is about first, and its job at the end (`Run.hold`); so does whoever
        ends a job, or the two would wait for each other. Without `wait`, False says that
        somebody holds them.
        """
        return True

    def ended(self, job: Job, *, error: str, at: datetime) -> None:
        """Tidy up after a job that failed (`error` says why) or was cancelled (it is empty).

        In the transaction that ends the job, so that both happen or neither.
        """
        return


kinds: Registry[JobKind] = Registry("job kind")


def job_kinds() -> list[tuple[str, str | Promise]]:
    return [(name, kind.label) for name, kind in kinds.items()]
