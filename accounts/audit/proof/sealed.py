"""Where the secret of the checkpoints stands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.audit.proof.models import AuditKey
from accounts.sealing.places import Columns, places


def context_of(key: AuditKey) -> str:
    return f"{AuditKey._meta.db_table}:{key.pk}"  # noqa: SLF001  public, whatever it is called


def register() -> None:
    place = Columns(gettext_lazy("Secret of the audit log's checkpoints"), AuditKey, context_of)
    places.register(place.table, place)
