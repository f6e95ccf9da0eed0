"""Events of many subjects at once: one line each, written by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.audit.actors import Actor
from accounts.audit.context import current
from accounts.audit.models import Outcome
from accounts.audit.plain import safe_line
from accounts.lib.sql import Parameter, as_json, execute, id_parameter, time_parameter


@dataclass(frozen=True)
class Lines:
    """What differs between the events, as SQL over the rows that they are made of.

    The caller answers for the label and the detail: both are what `plain` would have made.
    """

    subject_id: str
    subject_label: str
    detail: str
    """JSON as text."""
    rows: str
    """Everything from FROM on."""
    parameters: Sequence[Parameter] = ()
    """Those of `detail`, then those of `rows`."""


def record_all(
    action: str, *, by: Actor, subject_type: str, lines: Lines, at: datetime, reason: str = ""
) -> int:
    """Write one event for each row, in the transaction of the caller; answers how many."""
    facts, means = current(), current().means
    return execute(
        "INSERT INTO accounts_event (at, action, outcome, actor_kind, actor_id, actor_label, "
        "subject_type, reason, address, user_agent, request_id, credential_kind, credential_id, "
        "credential_label, subject_id, subject_label, detail) "
        "SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, "
        f"{lines.subject_id}, {lines.subject_label}, {as_json('(' + lines.detail + ')')} "
        f"{lines.rows}",
        [
            *(time_parameter(at), action, Outcome.DONE.value),
            *(by.actor_kind, by.actor_id, safe_line(by.label, 200), subject_type),
            *(safe_line(reason, 500), facts.address, safe_line(facts.user_agent, 300)),
            facts.request_id,
            means.kind if means else None,
            id_parameter(means.id) if means else None,
            safe_line(means.label, 200) if means else None,
            *lines.parameters,
        ],
    )
