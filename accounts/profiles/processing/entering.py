"""What entering life-cycle states does to the identities of a chunk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet

from accounts.audit.actors import Actor
from accounts.audit.bulk import Lines, record_all
from accounts.identities import bulk as identities
from accounts.identities.models import Identity
from accounts.lib.sql import Parameter, id_as_text, number, rows, time_parameter
from accounts.profiles.lifecycle_states.models import Entry, IdentityLifecycle
from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing.compare import IDENTITIES, PLANNED
from accounts.profiles.processing.models import PlannedEffect, Processing, ProcessingChunk
from accounts.profiles.processing.protection import protect
from accounts.profiles.processing.states import (
    DISABLED_BY_STATE,
    ENABLED_BY_STATE,
    Effect,
)

ENTERING: Final = (Effect.CREATED, Effect.CHANGED, Effect.RESTORED, Effect.TAKEN_OVER)
"""Effects by which an identity gets the planned values, and so its state."""

_EFFECTS: Final = ", ".join(str(effect.value) for effect in ENTERING)
CAUSE: Final = '\'{"cause": "lifecycle_state"}\''


def counts(plan: int) -> dict[str, int]:
    """How many identities a plan disables and enables because of the states that they enter."""
    found = dict(
        rows(
            f"SELECT entering, count(*) FROM {PLANNED} WHERE plan = %s AND entering <> '' "  # noqa: S608
            f"AND effect IN ({_EFFECTS}) GROUP BY entering",
            [plan],
        )
    )
    names = ((Entry.DISABLE, DISABLED_BY_STATE), (Entry.ENABLE, ENABLED_BY_STATE))
    told = {name: found[entry.value] for entry, name in names if found.get(entry.value)}
    if ENABLED_BY_STATE in told:
        told[ENABLED_BY_STATE] = _enabled(plan)
    return {name: count for name, count in told.items() if count}


def _enabled(plan: int) -> int:
    """Of those that a state would enable, the ones that a state had disabled."""
    return number(
        f"SELECT count(*) FROM {PLANNED} p JOIN {IDENTITIES} i ON i.id = p.identity_id "  # noqa: S608
        "JOIN accounts_identitylifecycle c ON c.identity_id = i.id "
        "AND c.disabled_at = i.disabled_at "
        f"WHERE p.plan = %s AND p.entering = %s AND p.effect IN ({_EFFECTS})",
        [plan, Entry.ENABLE.value],
    )


def is_outdated(processing: Processing, chunk: ProcessingChunk) -> bool:
    """Whether a person set the state of one of the identities since the plan was made."""
    planned = PlannedEffect.objects.filter(
        plan=chunk.plan, pk__range=(chunk.first, chunk.last)
    ).values("identity_id")
    later = IdentityLifecycle.objects.filter(set_at__gt=processing.planned_at)
    return later.filter(identity__in=planned).exists()


@dataclass(frozen=True)
class Entering:
    """The statements of one chunk, after its identities have their values."""

    profile: IdentityProfile
    chunk: ProcessingChunk
    by: Actor
    at: datetime

    def write(self) -> None:
        """Disable and enable whom their states say, and let end what people had set."""
        planned = PlannedEffect.objects.filter(
            plan=self.chunk.plan, pk__range=(self.chunk.first, self.chunk.last)
        )
        entering = planned.filter(effect__in=ENTERING).exclude(entering="")
        for entry in entering.order_by().values_list("entering", flat=True).distinct():
            chosen = entering.filter(entering=entry)
            if entry == Entry.DISABLE:
                self._disable(chosen)
            else:
                self._enable(chosen)
        ended = planned.filter(follows_source=True)
        if ended.exists():
            IdentityLifecycle.objects.filter(identity__in=ended.values("identity_id")).update(
                manual_state="", source_state="", set_at=None, set_by=""
            )

    def _disable(self, chosen: QuerySet[PlannedEffect]) -> None:
        protect(self.profile, chosen, by=self.by, at=self.at)
        now = time_parameter(self.at)
        self._record(
            "disabled", Entry.DISABLE, "(i.disabled_at IS NULL OR i.disabled_at = %s)", [now]
        )
        theirs = Identity.objects.existing().filter(pk__in=chosen.values("identity_id"))
        identities.disable_all(theirs, by=self.by, at=self.at)
        stopped = theirs.filter(disabled_at=self.at).values_list("pk", flat=True)
        IdentityLifecycle.objects.bulk_create(
            [IdentityLifecycle(identity_id=pk, disabled_at=self.at) for pk in stopped],
            update_conflicts=True,
            unique_fields=["identity"],
            update_fields=["disabled_at"],
            batch_size=2000,
        )

    def _enable(self, chosen: QuerySet[PlannedEffect]) -> None:
        """Only those that a state disabled: what a person disabled stays so."""
        theirs = Identity.objects.existing().filter(
            pk__in=chosen.values("identity_id"), lifecycle__disabled_at=F("disabled_at")
        )
        if not theirs.exists():
            return
        self._record(
            "enabled",
            Entry.ENABLE,
            "EXISTS (SELECT 1 FROM accounts_identitylifecycle c WHERE c.identity_id = i.id "
            "AND c.disabled_at = i.disabled_at)",
            [],
        )
        identities.enable_all(theirs, at=self.at)
        IdentityLifecycle.objects.filter(identity__in=chosen.values("identity_id")).update(
            disabled_at=None
        )

    def _record(self, verb: str, entry: Entry, only: str, parameters: list[Parameter]) -> None:
        subject = "service_account" if self.profile.is_for_service_accounts else "identity"
        chosen: list[Any] = [self.chunk.plan, self.chunk.first, self.chunk.last, entry.value]
        lines = Lines(
            subject_id=id_as_text("p.identity_id"),
            subject_label="p.display_name" if subject == "service_account" else "p.user_name",
            detail=CAUSE,
            rows=f"FROM {PLANNED} p JOIN {IDENTITIES} i ON i.id = p.identity_id "
            "AND i.deleted_at IS NULL WHERE p.plan = %s AND p.id BETWEEN %s AND %s "
            f"AND p.entering = %s AND p.effect IN ({_EFFECTS}) AND {only} ORDER BY p.id",
            parameters=[*chosen, *parameters],
        )
        record_all(f"{subject}.{verb}", by=self.by, subject_type=subject, lines=lines, at=self.at)
