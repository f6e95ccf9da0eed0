from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Takeover
from accounts.service_accounts import queries as service_accounts
from accounts.takeovers import actions, queries
from accounts.takeovers.states import Cause, Right, State
from tokens.doors.rest.answers import Reading, answered
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant, person_meant
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.takeovers import (
    AnswerBody,
    KnownSecret,
    ManyAnswersBody,
    OfferBody,
    TakenOver,
    TakeoverDocument,
    TakeoverListing,
    TakeoverPage,
    WholeTakeover,
)
from tokens.models import Credential
from tokens.personal_access_tokens import handover
from tokens.service_accounts import left_behind
from tokens.service_accounts.left_behind import LeftBehind

noun: Final = Noun("takeovers", "Takeovers", "Service accounts that get another owner.")

TAKEOVER: Final = "/{uuid:takeover_id}"
OWNERS: Final = (Permission.SERVICE_ACCOUNT_VIEW,)
ORDERS: Final = orders({"created_at": "created_at"})


@noun.read("", TakeoverPage, needs=OWNERS)
def list_takeovers(request: Request, asked: Query[TakeoverListing]) -> HttpResponse:
    """The changes of hands that the caller gives or takes, also those that are over."""
    rows = queries.visible_to(request.by)
    if asked.show == "waiting":
        rows = rows.filter(pk__in=queries.waiting_for(request.by).values("pk"))
    elif asked.show == "offered":
        rows = rows.filter(pk__in=queries.offered_by(request.by).values("pk"))
    return listed(request, rows, asked, orders=ORDERS, kind=TakeoverDocument, documents=_documents)


@noun.create("", TakeoverDocument, needs=OWNERS)
def hand_over(request: Request, body: OfferBody) -> HttpResponse:
    """Offer an account of one's own to another person; it is theirs once they confirm."""
    rows = service_accounts.visible_to(request.by)
    account = meant(rows, body.account, "account", "service account")
    assert account is not None
    taker = person_meant(request, body.to, "to")
    made = actions.offer(by=request.by, account=account, to=taker, note=body.note, at=request.now)
    return noun.created(_documents([_takeover(request, made.pk)])[0])


@noun.act("/confirm", TakenOver, needs=OWNERS)
def confirm_takeovers(request: Request, body: ManyAnswersBody) -> HttpResponse:
    """Answer from now on for accounts whose owner left; what is offered is looked at singly."""
    confirmed, left = [], []
    rows = queries.waiting_for(request.by).filter(cause=Cause.LEFT)
    found = {row.pk: row for row in rows.filter(pk__in=body.takeovers)}
    # by account: all are locked until the end where the call has an idempotency key
    in_order = sorted(dict.fromkeys(body.takeovers), key=lambda pk: _account_of(found.get(pk)))
    for pk in in_order:
        takeover = found.get(pk)
        try:
            if takeover is None:
                raise actions.Answered
            actions.confirm(by=request.by, takeover=takeover, keep_old_tokens=True, at=request.now)
        except DomainError as error:
            left.append(f"{pk}: {error.message}")
        else:
            account = takeover.account
            confirmed.append(Reference(id=account.pk, name=account.name))
    return answered(TakenOver(confirmed=confirmed, left=left))


@noun.read(TAKEOVER, WholeTakeover, needs=OWNERS)
def read_takeover(request: Request, takeover_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One change of hands, with what ends by it."""
    return answered(_whole(request, _takeover(request, takeover_id)), fields=asked.fields)


@noun.act(TAKEOVER + "/confirm", TakeoverDocument, needs=OWNERS)
def confirm_takeover(request: Request, takeover_id: UUID, body: AnswerBody) -> HttpResponse:
    """Answer for an account from now on; one that was offered changes hands by this."""
    actions.confirm(
        by=request.by,
        takeover=_takeover(request, takeover_id),
        keep_old_tokens=body.keep_old_tokens,
        at=request.now,
    )
    return _answered(request, takeover_id)


@noun.act(TAKEOVER + "/decline", TakeoverDocument, needs=OWNERS)
def decline_takeover(request: Request, takeover_id: UUID) -> HttpResponse:
    """Leave an account that was offered with who offers it."""
    takeover = _takeover(request, takeover_id)
    actions.decline(by=request.by, takeover=takeover, at=request.now)
    return _answered(request, takeover_id)


@noun.act(TAKEOVER + "/withdraw", TakeoverDocument, needs=OWNERS)
def withdraw_takeover(request: Request, takeover_id: UUID) -> HttpResponse:
    """Take an offer back that nobody has answered yet."""
    takeover = _takeover(request, takeover_id)
    actions.withdraw(by=request.by, takeover=takeover, at=request.now)
    return _answered(request, takeover_id)


def _account_of(takeover: Takeover | None) -> str:
    return str(takeover.account_id) if takeover else ""


def _takeover(request: Request, takeover_id: UUID) -> Takeover:
    return one_of(queries.visible_to(request.by), takeover_id, "takeover")


def _answered(request: Request, takeover_id: UUID) -> HttpResponse:
    return answered(_documents([_takeover(request, takeover_id)])[0])


def _documents(rows: Sequence[Takeover]) -> list[TakeoverDocument]:
    waiting = Takeover.objects.waiting().filter(pk__in=[row.pk for row in rows])
    still = set(waiting.values_list("pk", flat=True))
    return [TakeoverDocument(**_facts(row, waits=row.pk in still)) for row in rows]


def _whole(request: Request, row: Takeover) -> WholeTakeover:
    """What ends and what stays is told to whoever takes it, while it waits."""
    waits = Takeover.objects.waiting().filter(pk=row.pk).exists()
    told = waits and row.taker_id == request.by.pk
    offered = row.cause == Cause.OFFERED
    ending = handover.known_to_owner(row.account) if told and offered else []
    left = left_behind.after(row, request.now) if told else LeftBehind([], [])
    return WholeTakeover(
        **_facts(row, waits=waits),
        scopes=row.account.scopes if waits else [],
        ending=[_secret(token) for token in ending],
        staying=[_secret(each) for each in (*left.tokens, *left.keys)],
    )


def _secret(found: Credential) -> KnownSecret:
    return KnownSecret(id=found.pk, name=str(found))


def _facts(row: Takeover, *, waits: bool) -> dict[str, Any]:
    over = row.state == State.WAITING and not waits
    return {
        "id": row.pk,
        "account": Reference(id=row.account_id, name=row.account.name),
        "giver": Reference(id=row.giver_id, name=row.giver.display_name),
        "taker": Reference(id=row.taker_id, name=row.taker.display_name),
        "cause": Cause(row.cause),
        "right": Right(row.right),
        "note": row.note,
        "state": State.OVER if over else State(row.state),
        "created_at": row.created_at,
        "closed_at": row.closed_at,
    }
