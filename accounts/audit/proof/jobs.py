"""The job that verifies the log: reading all of it takes a while."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit.proof import exported, verifying
from accounts.authorization.permissions import Permission
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.run import Run

KIND: Final = "audit.verify"


class VerifyLog(JobKind):
    """Reads alone; the payload may hold a checkpoint that was kept outside."""

    label: str | Promise = gettext_lazy("Verification of the audit log")
    permission: Permission | None = Permission.AUDIT_VIEW

    def run(self, run: Run) -> Mapping[str, Any]:
        text = run.payload.get("checkpoint", "")
        known = exported.read(text) if text else None
        return verifying.verify(known=known, progress=run.progress).as_result()


def register() -> None:
    kinds.register(KIND, VerifyLog())
