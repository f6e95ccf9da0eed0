"""`sc_request`, `sc_req_item` and `sysapproval_approver`: what was asked for, and who decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Replace

from accounts.models import AccessRequest, Approval
from accounts.requests.kinds.base import kinds
from accounts.requests.states import OPEN, State
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import (
    Asked,
    Column,
    Kind,
    chosen,
    fixed,
    reference,
    sys_id,
    text,
    time,
    truth,
)
from tokens.doors.servicenow.ids import OfNumber, digest, masked
from tokens.doors.servicenow.table import Table
from tokens.doors.servicenow.tables import users

REQUEST: Final = "sc_request"
ITEM: Final = "sc_req_item"
IN_CONSOLE: Final = "Requests are decided in the console, on the page that shows what they come to."

STATES: Final[Mapping[State, tuple[str, str, str, str]]] = {
    State.WAITING: ("1", "requested", "requested", "waiting_for_approval"),
    State.APPROVED: ("2", "in_process", "approved", "fulfillment"),
    State.DONE: ("3", "closed_complete", "approved", "complete"),
    State.FAILED: ("4", "closed_incomplete", "approved", "fulfillment"),
    State.REJECTED: ("4", "closed_incomplete", "rejected", "request_cancelled"),
    State.WITHDRAWN: ("7", "closed_cancelled", "cancelled", "request_cancelled"),
    State.LAPSED: ("7", "closed_cancelled", "cancelled", "request_cancelled"),
}
"""`state`, `request_state`, `approval` and `stage` of each state of ours."""
OPEN_STATES: Final = sorted(state.value for state in OPEN)


def kind_id(name: str) -> str:
    """The sys_id of the catalogue item that a request kind is."""
    return digest(f"sc_cat_item:{name}")


def _of_state(place: int) -> Column:
    return chosen("state", {state.value: words[place] for state, words in STATES.items()})


def _of_kind(said: Callable[[str], str]) -> Column:
    """What a kind says of its requests. Kinds are entered when Steward starts: they are asked
    for late."""

    def ask(start: str) -> Asked:
        cases = [
            When(Q(**{f"{start}kind": name}), then=Value(said(name)))
            for name in kinds.keys()  # noqa: SIM118  a registry
        ]
        return Case(*cases, default=Value(""), output_field=CharField())

    return Column(Kind.TEXT, lambda row: said(row.kind), ask)


def item_number(row: AccessRequest) -> str:
    """Each request is of one item."""
    return row.number.replace("REQ", "RITM", 1)


def _item_number(start: str) -> Asked:
    return Replace(F(f"{start}number"), Value("REQ"), Value("RITM"))


def requests(call: Call) -> QuerySet[AccessRequest]:
    return AccessRequest.objects.visible_to(call.by, call.now)


COMMON: Final[dict[str, Column]] = {
    "state": _of_state(0),
    "approval": _of_state(2),
    "stage": _of_state(3),
    "active": truth(
        lambda row: row.state in OPEN_STATES,
        lambda start: Q(**{f"{start}state__in": OPEN_STATES}),
    ),
    "opened_by": reference("requester", users.NAME, shown="display_name"),
    "requested_for": reference("requested_for", users.NAME, shown="display_name", nullable=True),
    "short_description": _of_kind(lambda name: str(kinds.get(name).label)),
    "description": text("reason"),
    "opened_at": time("asked_at"),
    "due_date": time("due_at"),
    "closed_at": time("closed_at"),
    "comments": fixed(),
    "sys_created_on": time("asked_at"),
    "sys_updated_on": time("asked_at"),
}
REQUESTS: Final = Table(
    name=REQUEST,
    columns={
        "sys_id": sys_id(),
        "number": text("number"),
        "request_state": _of_state(1),
        "sys_class_name": fixed(REQUEST),
        **COMMON,
    },
    rows=requests,
    related=("requester", "requested_for"),
    instead=IN_CONSOLE,
)

_ITEMS: Final = masked(ITEM)
ITEMS: Final = Table(
    name=ITEM,
    columns={
        "sys_id": sys_id(_ITEMS),
        "number": Column(Kind.TEXT, item_number, _item_number),
        "request": Column(
            Kind.REFERENCE,
            lambda row: row.pk,
            lambda start: F(f"{start}pk"),
            table=REQUEST,
            shown=lambda row: row.number,
        ),
        "cat_item": _of_kind(kind_id),
        "quantity": fixed("1"),
        "sys_class_name": fixed(ITEM),
        **COMMON,
    },
    rows=requests,
    related=("requester", "requested_for"),
    ids=_ITEMS,
    instead=IN_CONSOLE,
)


def _approvals(call: Call) -> QuerySet[Approval]:
    return Approval.objects.filter(request__in=requests(call).values("pk"))


_APPROVALS: Final = OfNumber("sysapproval_approver")
_APPROVED: Final = replace(
    reference("request", ITEM, shown="number", ids=_ITEMS),
    shown=lambda row: item_number(row.request),
)
APPROVALS: Final = Table(
    name=_APPROVALS.table,
    columns={
        "sys_id": sys_id(_APPROVALS),
        "approver": reference("approver", users.NAME, shown="display_name", nullable=True),
        "state": text("state"),
        "sysapproval": _APPROVED,
        "document_id": _APPROVED,
        "source_table": fixed(ITEM),
        "comments": text("comment"),
        "due_date": time("request.due_at"),
        "sys_created_on": time("request.asked_at"),
        "sys_updated_on": time("decided_at"),
    },
    rows=_approvals,
    related=("approver", "request"),
    ids=_APPROVALS,
    instead=IN_CONSOLE,
)
