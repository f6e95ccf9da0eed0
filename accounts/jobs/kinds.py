"""The kinds of job: each is registered by the slice that owns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.functional import Promise

from accounts.authorization.permissions import Permission
from accounts.lib.registry import Registry

if TYPE_CHECKING:
    from accounts.jobs.run import Run


class JobKind(Protocol):
    """What a kind of job is called, who may have it done, and what it does."""

    @property
    def label(self) -> str | Promise: ...

    @property
    def permission(self) -> Permission | None:
        """Asked again when the job starts; None for jobs that only the system asks for."""
        ...

    @property
    def max_attempts(self) -> int:
        """How often it is begun at most when workers die under it."""
        ...

    def run(self, run: Run) -> Mapping[str, Any]:
        """Do it, and answer the result as plain JSON. Safe to begin again after any point.

        What may not happen twice goes into one transaction that calls `run.hold()` first.
        """
        ...


kinds: Registry[JobKind] = Registry("job kind")


def job_kinds() -> list[tuple[str, str | Promise]]:
    return [(name, kind.label) for name, kind in kinds.items()]
