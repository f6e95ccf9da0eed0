"""Where the secret of the checkpoints stands."""

from __future__ import annotations

from accounts.audit.proof.models import AuditKey


def context_of(key: AuditKey) -> str:
    return f"{AuditKey._meta.db_table}:{key.pk}"  # noqa: SLF001  public, whatever it is called
