"""What takes long with the accounts of a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.jobs.run import Run
from accounts.sources.job_rules import SourceJob
from accounts.sources.locking import SourceGone, lock
from accounts.sources.models import Source
from accounts.sources.removal import remove_all


class RemoveAccounts(SourceJob):
    label: str | Promise = gettext_lazy("Removal of all accounts of a source")
    permission: Permission | None = Permission.SOURCE_EMPTY

    def run(self, run: Run) -> Mapping[str, Any]:
        source = Source.objects.existing().filter(pk=run.payload["source"]).first()
        if source is None:
            raise SourceGone
        run.phase(_("Removing"), total=source.account_count)
        with transaction.atomic():
            source = lock(source)
            removed = remove_all(source, by=run.actor, at=run.clock())
            source.account_count = 0
            source.generation += 1
            source.save(update_fields=["account_count", "generation"])
            result = {"removed": removed}
            record(
                "source.accounts_removed",
                by=run.actor,
                subject=source,
                reason=str(run.payload.get("reason", "")),
                detail=result,
                at=run.clock(),
            )
            run.hold()
            run.finish(result)
        return result
