from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.identities.queries import possible_owners
from accounts.lib.errors import DomainError
from accounts.models import AccessRequest, Approval, Delegation
from accounts.requests import actions, delegating, policies, queries
from accounts.requests.csv_list import CSV
from accounts.requests.kinds.base import Shown, kinds
from accounts.requests.models import RequestQuerySet
from accounts.requests.states import ApprovalState, State
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, check_may, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.errors import invalid, not_found
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.requests import (
    ApprovalDocument,
    DecisionBody,
    DelegationBody,
    DelegationDocument,
    DetailDocument,
    KindDocument,
    Kinds,
    LineDocument,
    RequestBody,
    RequestDocument,
    RequestFilters,
    RequestListing,
    RequestPage,
    WholeRequest,
)

noun: Final = Noun("requests", "Requests", "What people ask for, and what is decided about it.")

REQUEST: Final = "/{uuid:request_id}"
EVERYBODY: Final = (Permission.REQUEST_ASK,)
ORDERS: Final = orders({"asked_at": "asked_at"})


@noun.read("", RequestPage, needs=EVERYBODY)
def list_requests(request: Request, asked: Query[RequestListing]) -> HttpResponse:
    """What the caller asks for, or decides, or all."""
    rows = _rows(request, asked.show).select_related("requester", "requested_for")
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return listed(request, rows, asked, orders=ORDERS, kind=RequestDocument, documents=_documents)


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.REQUEST_VIEW_ALL])
def export_requests(request: Request, asked: Query[RequestFilters]) -> HttpResponse:
    """All requests as a CSV file, read while it is sent."""
    rows = AccessRequest.objects.all()
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return csv_file(request, CSV, rows, asked)


@noun.create("", WholeRequest, needs=EVERYBODY)
def ask(request: Request, body: RequestBody) -> HttpResponse:
    """Ask for something; whoever decides about it is told by mail."""
    if body.kind not in kinds.keys():  # noqa: SIM118  a registry
        raise invalid("kind", "There is no such kind of request.")
    made = actions.ask(
        by=request.by, kind=body.kind, details=body.details, reason=body.reason, at=request.now
    )
    return noun.created(_whole(made))


@noun.read("/kinds", Kinds, needs=EVERYBODY)
def list_kinds(request: Request) -> HttpResponse:
    """What can be asked for."""
    del request
    return answered(Kinds(items=[_kind(name) for name in kinds.keys()]))  # noqa: SIM118  a registry


def _kind(name: str) -> KindDocument:
    kind = kinds.get(name)
    details = [
        DetailDocument(
            name=each.name,
            description=str(each.description),
            required=each.required,
            is_list=each.is_list,
        )
        for each in kind.takes
    ]
    return KindDocument(
        name=name, label=str(kind.label), description=str(kind.description), details=details
    )


@noun.read("/delegation", DelegationDocument, needs=EVERYBODY)
def read_delegation(request: Request) -> HttpResponse:
    """Who decides in the caller's place, now or later."""
    current = Delegation.objects.filter(person=request.by, until__gt=request.now)
    found = current.select_related("delegate").first()
    if found is None:
        raise not_found("delegation")
    return _delegation(found)


@noun.put("/delegation", DelegationDocument, needs=EVERYBODY)
def set_delegation(request: Request, body: DelegationBody) -> HttpResponse:
    """Let another person decide in the caller's place for a time."""
    delegate = meant(possible_owners(), body.delegate, "delegate", "person who can sign in")
    assert delegate is not None
    made = delegating.set_delegate(
        by=request.by, delegate=delegate, since=body.since, until=body.until, at=request.now
    )
    return _delegation(made)


@noun.delete("/delegation", needs=EVERYBODY)
def end_delegation(request: Request) -> HttpResponse:
    """Decide oneself again."""
    if not delegating.end(by=request.by, at=request.now):
        raise not_found("delegation")
    return done()


@noun.read(REQUEST, WholeRequest, needs=EVERYBODY)
def read_request(request: Request, request_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One request, as whoever decides about it reads it."""
    return answered(_whole(_request(request, request_id)), fields=asked.fields)


@noun.act(REQUEST + "/decide", WholeRequest, needs=EVERYBODY)
def decide(request: Request, request_id: UUID, body: DecisionBody) -> HttpResponse:
    """Approve or reject a request as it was read."""
    decided = actions.decide(
        by=request.by,
        request=_request(request, request_id),
        verdict=body.verdict,
        comment=body.comment,
        digest=body.digest,
        at=request.now,
    )
    return answered(_whole(decided))


@noun.act(REQUEST + "/withdraw", WholeRequest, needs=EVERYBODY)
def withdraw(request: Request, request_id: UUID) -> HttpResponse:
    """Take a request back that nobody has decided yet."""
    asked = _request(request, request_id)
    return answered(_whole(actions.withdraw(by=request.by, request=asked, at=request.now)))


@noun.act(REQUEST + "/try-again", WholeRequest, needs=EVERYBODY)
def try_again(request: Request, request_id: UUID) -> HttpResponse:
    """Have an approved request carried out once more that could not be."""
    asked = _request(request, request_id)
    return answered(_whole(actions.try_again(by=request.by, request=asked, at=request.now)))


def _rows(request: Request, show: str) -> RequestQuerySet:
    if show == "all":
        check_may(request, Permission.REQUEST_VIEW_ALL)
        return AccessRequest.objects.all()
    if show == "mine":
        return AccessRequest.objects.filter(requester=request.by)
    waiting = policies.asked_of(request.by, request.now)
    return AccessRequest.objects.filter(pk__in=waiting.values("request_id"))


def _request(request: Request, request_id: UUID) -> AccessRequest:
    return one_of(queries.found_by(request.by, request.now), request_id, "request")


def _documents(rows: Sequence[AccessRequest]) -> list[RequestDocument]:
    return [RequestDocument(**_facts(row)) for row in rows]


def _whole(row: AccessRequest) -> WholeRequest:
    lines: list[Shown] = []
    digest = ""
    try:
        lines, digest = queries.seen(row)
    except DomainError:
        digest = ""  # what was asked about is gone
    return WholeRequest(
        **_facts(row),
        lines=[LineDocument(label=each.label, value=_value(each)) for each in lines],
        digest=digest,
        approvals=[
            _approval(part)
            for part in row.approvals.select_related("approver", "decided_by").order_by("pk")
        ],
    )


def _value(line: Shown) -> str:
    return line.at.isoformat() if line.at is not None else line.value


def _approval(part: Approval) -> ApprovalDocument:
    return ApprovalDocument(
        approver=Reference.to(part.approver),
        state=ApprovalState(part.state),
        comment=part.comment,
        decided_at=part.decided_at,
        decided_by=Reference.to(part.decided_by),
    )


def _delegation(found: Delegation) -> HttpResponse:
    delegate = Reference(id=found.delegate_id, name=found.delegate.display_name)
    return answered(DelegationDocument(delegate=delegate, since=found.since, until=found.until))


def _facts(row: AccessRequest) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "kind": row.kind,
        "requester": Reference.to(row.requester),
        "requested_for": Reference.to(row.requested_for),
        "details": row.details,
        "reason": row.reason,
        "state": State(row.state),
        "asked_at": row.asked_at,
        "due_at": row.due_at,
        "decided_at": row.decided_at,
        "closed_at": row.closed_at,
        "result": row.result,
        "failure": row.failure,
    }
