from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.models import ServiceAccount
from tokens.credentials import actions, pickups, queries
from tokens.credentials.actions import Issued
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.operations import PREFIX
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.keys import (
    IssuedKey,
    KeyDocument,
    KeyListing,
    KeyPage,
    MadeKey,
    NewKey,
    PickupDocument,
    Pickups,
)
from tokens.models import Credential, KeyPickup

noun: Final = Noun("keys", "Keys", "Key pairs by which programs prove who they are.")

KEY: Final = "/{uuid:key_id}"
PICKUP: Final = "/pickups/{uuid:pickup_id}"
VIEW: Final = (Permission.SERVICE_ACCOUNT_VIEW,)
BY_ADMINISTRATORS: Final = (Permission.SERVICE_ACCOUNT_MANAGE,)
ORDERS: Final = orders({"created_at": "created_at"})


@noun.read("", KeyPage, needs=VIEW)
def list_keys(request: Request, asked: Query[KeyListing]) -> HttpResponse:
    """The keys of the accounts that the caller sees."""
    rows = queries.visible_to(request.by).select_related("identity__service_account")
    if asked.account is not None:
        rows = rows.filter(identity_id=asked.account)
    if asked.usable is not None:
        rows = rows.usable_at(request.now)
    return listed(
        request,
        rows,
        asked,
        orders=ORDERS,
        kind=KeyDocument,
        documents=lambda found: _documents(request, found),
    )


@noun.create("", MadeKey, needs=BY_ADMINISTRATORS)
def create_key(request: Request, body: NewKey) -> HttpResponse:
    """Make a key for an account in place of those that it has, or offer one to its owner.

    The private half of a key that we make is in the answer, and nowhere else ever after. A token
    that may do less than the account has it no key, but with `steward:all`; it can offer one.
    """
    rows = ServiceAccount.objects.visible_to(request.by)
    account = meant(rows, body.account, "account", "service account")
    assert account is not None
    issued = actions.regenerate(
        by=request.by,
        account=account,
        choice=body.choice(),
        keep_old_for=timedelta(hours=body.keep_old_for_hours),
        revoke_tokens=body.revoke_tokens,
        within=request.token,
        at=request.now,
    )
    return _made(issued)


@noun.read("/pickups", Pickups, needs=[Permission.KEY_CLAIM])
def list_pickups(request: Request) -> HttpResponse:
    """The keys that wait for the caller, the most urgent first."""
    found = [
        PickupDocument(
            id=each.pk,
            account=Reference(id=each.identity_id, name=each.identity.service_account.name),
            algorithm=each.algorithm,
            created_at=each.created_at,
            expires_at=each.expires_at,
        )
        for each in queries.waiting_for(request.by, request.now)
    ]
    return answered(Pickups(items=found))


@noun.act(PICKUP + "/claim", MadeKey, needs=[Permission.KEY_CLAIM], status=HTTPStatus.CREATED)
def claim_key(request: Request, pickup_id: UUID) -> HttpResponse:
    """Make the key that was offered to the caller; the answer shows it once.

    A token that may do less than the account claims none, but with `steward:all`.
    """
    pickup = one_of(queries.waiting_for(request.by, request.now), pickup_id, "key for you")
    issued = actions.claim(by=request.by, pickup=pickup, within=request.token, at=request.now)
    return _made(issued)


@noun.delete(PICKUP, needs=BY_ADMINISTRATORS)
def withdraw_pickup(request: Request, pickup_id: UUID) -> HttpResponse:
    """Offer a key no more."""
    accounts = ServiceAccount.objects.visible_to(request.by)
    rows = KeyPickup.objects.filter(identity__service_account__in=accounts)
    pickups.withdraw(by=request.by, pickup=one_of(rows, pickup_id, "offer"), at=request.now)
    return done()


@noun.read(KEY, KeyDocument, needs=VIEW)
def read_key(request: Request, key_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One key."""
    return answered(_documents(request, [_key(request, key_id)])[0], fields=asked.fields)


@noun.act(KEY + "/revoke", KeyDocument, needs=BY_ADMINISTRATORS)
def revoke_key(request: Request, key_id: UUID) -> HttpResponse:
    """Stop a key for good, and the tokens issued with it."""
    actions.revoke(by=request.by, credential=_key(request, key_id), at=request.now)
    return answered(_documents(request, [_key(request, key_id)])[0])


@noun.act(KEY + "/confirm-stored", KeyDocument, needs=VIEW)
def confirm_key_stored(request: Request, key_id: UUID) -> HttpResponse:
    """Say that one has the private half of a key that was shown."""
    actions.confirm_stored(by=request.by, credential=_key(request, key_id), at=request.now)
    return answered(_documents(request, [_key(request, key_id)])[0])


def _key(request: Request, key_id: UUID) -> Credential:
    rows = queries.visible_to(request.by).select_related("identity__service_account")
    return one_of(rows, key_id, "key")


def _made(issued: Issued) -> HttpResponse:
    made = issued.credential or issued.pickup
    assert made is not None
    where = "" if issued.credential else "pickups/"
    document = MadeKey(
        id=made.pk,
        account=Reference(id=issued.account.pk, name=issued.account.name),
        offered=issued.credential is None,
        key=IssuedKey.of(issued),
    )
    return answered(
        document,
        HTTPStatus.CREATED,
        location=f"{PREFIX}/{noun.word}/{where}{made.pk}",
        secret=issued.private is not None,
    )


def _documents(request: Request, keys: Sequence[Credential]) -> list[KeyDocument]:
    return [
        KeyDocument(
            id=key.pk,
            account=Reference(id=key.identity_id, name=key.identity.service_account.name),
            key_id=key.key_id,
            algorithm=key.algorithm,
            thumbprint=key.thumbprint,
            public_jwk=json.loads(key.public),
            origin=key.origin,
            status=key.status_at(request.now),
            created_at=key.created_at,
            created_by=key.created_by,
            ends_at=key.ends_at,
            last_used_at=key.last_used_at,
            stored_at=key.stored_at,
        )
        for key in keys
    ]
