"""Which tasks have ended, and how: what `outcomes` says of one, asked of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Replace
from django.db.models.lookups import In

from accounts.imports.states import HOLDING
from accounts.imports.states import State as ImportState
from accounts.jobs.states import State
from accounts.models import ImportRun, Processing
from accounts.profiles.processing.states import State as ProcessingState
from tokens.doors.sailpoint.fields import NOTHING
from tokens.doors.sailpoint.outcomes import ERROR, SUCCESS, TERMINATED, WARNING

AGGREGATION: Final = "import.plan"
PROCESSING: Final = "identity_processing.plan"
INVITATION: Final = "identity.invite"

STATUS: Final = {
    State.SUCCEEDED.value: SUCCESS,
    State.FAILED.value: ERROR,
    State.CANCELLED.value: TERMINATED,
}
"""Of a job that is a task by itself."""

_HELD: Final = Q(decision__in=HOLDING)
_IMPORTS: Final = {
    SUCCESS: Q(state=ImportState.APPLIED, rejected=0) & ~_HELD,
    WARNING: Q(state__in=(ImportState.HELD, ImportState.UPLOADED))
    | Q(state=ImportState.APPLIED) & (Q(rejected__gt=0) | _HELD),
    ERROR: Q(state=ImportState.FAILED),
    TERMINATED: Q(state=ImportState.CANCELLED),
}
_PROCESSINGS: Final = {
    SUCCESS: Q(state=ProcessingState.APPLIED, in_error=0),
    WARNING: Q(state=ProcessingState.PLANNED) | Q(state=ProcessingState.APPLIED, in_error__gt=0),
    ERROR: Q(state=ProcessingState.FAILED),
    TERMINATED: Q(state=ProcessingState.CANCELLED),
}
_ALL_WENT: Final = Q(result__problems__isnull=True) | Q(result__problems=[])


def completed(values: Sequence[str]) -> Q:
    """The tasks that ended in one of these ways; without any, those that have not ended."""
    if not values:
        ended = NOTHING
        for status in _IMPORTS:
            ended |= _ended(status)
        return ~ended
    found = NOTHING
    for status in values:
        if status in _IMPORTS:
            found |= _ended(status)
    return found


def _ended(status: str) -> Q:
    states = [state for state, told in STATUS.items() if told == status]
    by_itself = Q(state__in=states) & ~Q(kind__in=(AGGREGATION, PROCESSING, INVITATION))
    invited = Q(kind=INVITATION, state__in=states)
    if status == SUCCESS:
        invited &= _ALL_WENT
    elif status == WARNING:
        invited = Q(kind=INVITATION, state=State.SUCCEEDED) & ~_ALL_WENT
    return (
        by_itself
        | invited
        | Q(kind=AGGREGATION) & _about("import", ImportRun.objects.filter(_IMPORTS[status]))
        | Q(kind=PROCESSING) & _about("processing", Processing.objects.filter(_PROCESSINGS[status]))
    )


def _about(key: str, rows: QuerySet[Any]) -> Q:
    """The jobs whose payload names one of these rows.

    An id is text there, with dashes, and SQLite keeps it without: so they are compared without.
    """
    ids = rows.annotate(plain=_plain(Cast("id", TextField()))).values("plain")
    return Q(In(_plain(KT(f"payload__{key}")), ids))


def _plain(text: Any) -> Replace:
    return Replace(text, Value("-"), Value(""), output_field=TextField())
