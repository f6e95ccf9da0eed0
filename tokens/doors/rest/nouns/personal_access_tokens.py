from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.service_accounts.queries import choosable_by
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.personal_access_tokens import (
    ClaimBody,
    MadeToken,
    NewToken,
    TokenBody,
    TokenChange,
    TokenDocument,
    TokenFilters,
    TokenListing,
    TokenPage,
    TokenPickupDocument,
    TokenPickups,
)
from tokens.models import Credential
from tokens.personal_access_tokens import actions, pickups, queries
from tokens.personal_access_tokens.actions import Draft, Issued
from tokens.personal_access_tokens.csv_list import CSV
from tokens.personal_access_tokens.lifetimes import Lifetime

noun: Final = Noun(
    "personal-access-tokens",
    "Personal access tokens",
    "Client IDs and secrets of people and programs.",
)

TOKEN: Final = "/{uuid:token_id}"  # noqa: S105  an address
PICKUP: Final = "/pickups/{uuid:token_pickup_id}"
OWN: Final = (Permission.TOKEN_OWN,)
ORDERS: Final = orders({"name": "sort_name", "created_at": "created_at"})


@noun.read("", TokenPage, needs=OWN)
def list_personal_access_tokens(request: Request, asked: Query[TokenListing]) -> HttpResponse:
    """The tokens that the caller sees; revoked ones only where asked for."""
    return listed(
        request,
        _rows(request, asked),
        asked,
        orders=ORDERS,
        kind=TokenDocument,
        documents=lambda found: _documents(found, request.now),
    )


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.TOKEN_VIEW_ALL])
def export_personal_access_tokens(request: Request, asked: Query[TokenFilters]) -> HttpResponse:
    """The tokens as a CSV file, read while it is sent."""
    return csv_file(request, CSV, _rows(request, asked), asked)


@noun.create("", MadeToken, needs=OWN)
def create_personal_access_token(request: Request, body: NewToken) -> HttpResponse:
    """Make a token; its secret is in the answer, and nowhere else ever after."""
    rows = choosable_by(request.by)
    holder = meant(rows, body.holder, "holder", "service account") or request.by
    draft = Draft(
        body.name,
        body.scopes,
        Lifetime(body.expires_at, body.never_expires),
        body.access_token_seconds,
    )
    issued = actions.create(
        by=request.by, holder=holder, draft=draft, within=request.token, at=request.now
    )
    return _made(request, issued)


@noun.read("/pickups", TokenPickups, needs=[Permission.KEY_CLAIM])
def list_token_pickups(request: Request) -> HttpResponse:
    """The tokens that were approved and wait for the caller, the most urgent first."""
    found = [
        TokenPickupDocument(
            id=each.pk,
            account=Reference(id=each.identity_id, name=each.identity.display_name),
            name=each.name,
            scopes=each.scopes,
            lifetime_seconds=int(each.lifetime.total_seconds()),
            created_at=each.created_at,
            expires_at=each.expires_at,
        )
        for each in pickups.waiting_for(request.by, request.now)
    ]
    return answered(TokenPickups(items=found))


@noun.act(PICKUP + "/claim", MadeToken, needs=[Permission.KEY_CLAIM], status=HTTPStatus.CREATED)
def claim_personal_access_token(
    request: Request, token_pickup_id: UUID, body: ClaimBody
) -> HttpResponse:
    """Make a token that waits for the caller; its secret is in the answer, and nowhere else."""
    rows = pickups.waiting_for(request.by, request.now)
    pickup = one_of(rows, token_pickup_id, "token for you")
    name = pickup.name if body.name is None else body.name
    issued = pickups.claim(
        by=request.by, pickup=pickup, name=name, within=request.token, at=request.now
    )
    return _made(request, issued)


@noun.read(TOKEN, TokenDocument, needs=OWN)
def read_personal_access_token(
    request: Request, token_id: UUID, asked: Query[Reading]
) -> HttpResponse:
    """One token."""
    return _answered(request, token_id, asked.fields)


@noun.change(TOKEN, TokenDocument, needs=OWN, matches=False)
def change_personal_access_token(
    request: Request, token_id: UUID, body: TokenChange
) -> HttpResponse:
    """Change a token; what is taken from it, its access tokens lose at their next call."""
    token = _token(request, token_id)
    wanted = body.over(_body_of(token))
    changes: dict[str, Any] = {"name": wanted.name}
    if "scopes" in body.model_fields_set:
        changes["scopes"] = wanted.scopes
    if {"expires_at", "never_expires"} & body.model_fields_set:
        changes["lifetime"] = _lifetime(body, wanted)
    actions.edit(by=request.by, token=token, within=request.token, at=request.now, **changes)
    return _answered(request, token_id)


@noun.act(TOKEN + "/revoke", TokenDocument, needs=OWN)
def revoke_personal_access_token(request: Request, token_id: UUID) -> HttpResponse:
    """Stop a token for good, and the access tokens that it was traded for."""
    actions.revoke(by=request.by, token=_token(request, token_id), at=request.now)
    return _answered(request, token_id)


@noun.act(TOKEN + "/revoke-issued", needs=OWN)
def revoke_issued_by_personal_access_token(request: Request, token_id: UUID) -> HttpResponse:
    """Refuse the access tokens that a token was traded for so far; it goes on working itself."""
    actions.revoke_issued(by=request.by, token=_token(request, token_id), at=request.now)
    return done()


@noun.act(TOKEN + "/confirm-stored", TokenDocument, needs=OWN)
def confirm_personal_access_token_stored(request: Request, token_id: UUID) -> HttpResponse:
    """Say that one has the secret that was shown."""
    actions.confirm_stored(by=request.by, token=_token(request, token_id), at=request.now)
    return _answered(request, token_id)


def _made(request: Request, issued: Issued) -> HttpResponse:
    made = MadeToken(**_facts(issued.token, request.now), secret=issued.secret.take())
    return noun.created(made, secret=True)


def _lifetime(body: TokenChange, wanted: TokenBody) -> Lifetime:
    """Who sends one of the two alone means it, whatever the other was."""
    ends, never = wanted.expires_at, wanted.never_expires
    if "never_expires" not in body.model_fields_set:
        never = ends is None and never
    elif "expires_at" not in body.model_fields_set and never:
        ends = None
    return Lifetime(ends, never)


def _rows(request: Request, asked: TokenFilters) -> QuerySet[Credential]:
    wanted = queries.Wanted(
        text=asked.q.strip(),
        whose=asked.whose or "",
        status=asked.status or "",
        expiring=asked.expiring is not None,
        unused=asked.unused is not None,
    )
    visible = queries.visible_to(request.by)
    return queries.narrow(visible, wanted, person=request.by, now=request.now)


def _token(request: Request, token_id: UUID) -> Credential:
    return one_of(queries.visible_to(request.by), token_id, "personal access token")


def _answered(request: Request, token_id: UUID, fields: str | None = None) -> HttpResponse:
    token = _token(request, token_id)
    return answered(_documents([token], request.now)[0], fields=fields)


def _body_of(token: Credential) -> TokenBody:
    return TokenBody(
        name=token.name,
        scopes=token.scopes,
        expires_at=token.expires_at,
        never_expires=token.expires_at is None,
    )


def _documents(tokens: Sequence[Credential], now: datetime) -> list[TokenDocument]:
    return [TokenDocument(**_facts(token, now)) for token in tokens]


def _facts(token: Credential, now: datetime) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "holder": Reference(id=token.identity_id, name=token.identity.display_name),
        "client_id": token.client_id,
        "scopes": token.scopes,
        "status": queries.status_of(token, now),
        "expires_at": token.expires_at,
        "access_token_seconds": token.access_token_seconds,
        "created_at": token.created_at,
        "created_by": token.created_by,
        "last_used_at": token.last_used_at,
    }
