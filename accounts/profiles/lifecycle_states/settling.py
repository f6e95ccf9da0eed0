"""Which state an identity is in, by what its source says and what a person set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.profiles.attributes import LIFECYCLE_STATE
from accounts.profiles.evaluate import ValueProblem
from accounts.profiles.lifecycle_states.models import (
    STATE_WIDTH,
    Entry,
    IdentityLifecycle,
    LifecycleState,
)
from accounts.profiles.models import IdentityProfile

IDENTITY_STATE: Final = "identityState"
MOST_UNKNOWN: Final = 20
"""Values that are counted each; a mapping that is wrong may give a million."""


class Settled(NamedTuple):
    """What a state means for an identity."""

    entry: str = Entry.NOTHING.value
    """What entering it does; nothing where it was in it before."""
    follows_source: bool = False
    """Whether what a person had set ends here."""


NOTHING: Final = Settled()


@dataclass
class States:
    """The enabled states of a profile, and what people set of the identities at hand."""

    enabled: Mapping[str, LifecycleState]
    mapped: frozenset[str]
    are_set: bool
    """Whether a person set any."""
    manual: dict[UUID, IdentityLifecycle] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    """Values that name no enabled state, and how often."""

    @property
    def matter(self) -> bool:
        return LIFECYCLE_STATE in self.mapped or self.are_set

    def turn_to(self, identities: Collection[UUID]) -> None:
        """Speak of these identities from now on."""
        if self.are_set and identities:
            rows = IdentityLifecycle.objects.filter(identity__in=identities)
            self.manual = {row.pk: row for row in rows.exclude(manual_state="")}

    def settle(
        self,
        values: dict[str, Any],
        before: Mapping[str, Any],
        problems: list[ValueProblem],
        identity: UUID | None = None,
    ) -> Settled:
        """Put the state into the values, in the place of what the source says."""
        said = said_in(values, problems)
        state = self.enabled.get(said)
        if said and state is None:
            self._count(said)
        held = self.manual.get(identity) if identity else None
        if held is not None and held.source_state == said:
            state = self.enabled.get(held.manual_state, state)
        if state is None:
            return Settled(follows_source=held is not None and held.source_state != said)
        values[LIFECYCLE_STATE] = state.technical_name
        if state.identity_state and IDENTITY_STATE not in self.mapped:
            values[IDENTITY_STATE] = state.identity_state
        enters = state.technical_name != before.get(LIFECYCLE_STATE)
        return Settled(
            entry=state.on_entry if enters else Entry.NOTHING.value,
            follows_source=held is not None and held.source_state != said,
        )

    def add(self, unknown: Mapping[str, int]) -> None:
        """Count the values that another has found to name no state."""
        for said, times in unknown.items():
            self._count(said, times)

    def _count(self, said: str, times: int = 1) -> None:
        if said in self.unknown or len(self.unknown) < MOST_UNKNOWN:
            self.unknown[said] += times
        else:
            self.unknown["…"] += times


def said_in(values: dict[str, Any], problems: list[ValueProblem]) -> str:
    """What the source says, taken out of the values; "" where it says nothing."""
    said = values.pop(LIFECYCLE_STATE, "")
    if isinstance(said, list):
        if len(said) > 1:
            cause = _("There are %(count)d values, and only one can be taken.")
            problems.append(ValueProblem(LIFECYCLE_STATE, "", cause % {"count": len(said)}))
            return ""
        said = said[0] if said else ""
    return str(said)[:STATE_WIDTH]


def states_for(profile: IdentityProfile, mapped: frozenset[str]) -> States:
    """The states of a profile whose mappings give these attributes."""
    enabled = profile.lifecycle_states.filter(is_enabled=True)
    return States(
        enabled={state.technical_name: state for state in enabled},
        mapped=mapped,
        are_set=IdentityLifecycle.objects.exclude(manual_state="").exists(),
    )


def unknown_message(said: str) -> str:
    """Why a value is not taken, and what to do."""
    message = _(
        "“%(state)s” is no enabled life-cycle state of this profile, and is not taken: add or "
        "enable it on the Life-cycle states tab."
    )
    return message % {"state": said}
