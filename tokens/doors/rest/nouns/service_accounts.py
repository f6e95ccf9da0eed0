from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.identities import gui_access
from accounts.identities.queries import possible_owners
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions, queries, selection
from accounts.service_accounts.actions import Details
from accounts.service_accounts.models import ServiceAccountQuerySet
from accounts.sign_in import exemptions
from tokens.access_tokens import actions as access_tokens
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.errors import placed
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant, person_meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.keys import IssuedKey
from tokens.doors.rest.schemas.service_accounts import (
    EffectiveScope,
    EffectiveScopes,
    ExemptionBody,
    MadeServiceAccount,
    NewServiceAccount,
    ServiceAccountBody,
    ServiceAccountChange,
    ServiceAccountDocument,
    ServiceAccountFilters,
    ServiceAccountListing,
    ServiceAccountPage,
    SuccessorBody,
)
from tokens.doors.rest.schemas.several import ManyAccounts, WhatCameOfEach
from tokens.doors.rest.several import outcomes
from tokens.scopes.effective import effective, of_identity
from tokens.service_accounts import actions as with_tokens
from tokens.service_accounts import gui_access as readiness
from tokens.service_accounts.csv_list import CSV
from tokens.service_accounts.queries import Wanted, narrow

noun: Final = Noun("service-accounts", "Service accounts", "Identities that programs act as.")

ACCOUNT: Final = "/{uuid:account_id}"
VIEW: Final = (Permission.SERVICE_ACCOUNT_VIEW,)
BY_ADMINISTRATORS: Final = (Permission.SERVICE_ACCOUNT_MANAGE,)
ORDERS: Final = orders({"name": "sort_name", "created_at": "created_at"})


@noun.read("", ServiceAccountPage, needs=VIEW)
def list_service_accounts(request: Request, asked: Query[ServiceAccountListing]) -> HttpResponse:
    """The service accounts that the caller sees: their own, or all."""
    return listed(
        request,
        _rows(request, asked),
        asked,
        orders=ORDERS,
        kind=ServiceAccountDocument,
        documents=lambda found: _documents(found, request.now),
    )


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.SERVICE_ACCOUNT_EXPORT])
def export_service_accounts(request: Request, asked: Query[ServiceAccountFilters]) -> HttpResponse:
    """The service accounts that the caller sees as a CSV file, read while it is sent."""
    return csv_file(request, CSV, _rows(request, asked), asked)


@noun.create("", MadeServiceAccount, needs=BY_ADMINISTRATORS)
def create_service_account(request: Request, body: NewServiceAccount) -> HttpResponse:
    """Make a service account and its first key: both, or neither.

    The private half of a key that we make is in the answer, and nowhere else ever after. A token
    that may do less than the account has it no key, but with `steward:all`; the owner is offered
    one with `"origin": "owner"`.
    """
    issued = with_tokens.create(
        by=request.by,
        details=_details(body),
        key=body.key.choice(),
        within=request.token,
        at=request.now,
    )
    made = _facts(issued.account, request.now)
    return noun.created(
        MadeServiceAccount(**made, key=IssuedKey.of(issued)),
        revision=issued.account.revision,
        secret=issued.private is not None,
    )


@noun.act("/disable", WhatCameOfEach, needs=BY_ADMINISTRATORS)
def disable_many_service_accounts(request: Request, body: ManyAccounts) -> HttpResponse:
    """Stop every key and token of each of the accounts at once; undone by enabling them."""
    rows = queries.visible_to(request.by).filter(pk__in=body.accounts)
    identities = [account.identity for account in rows.select_related("identity")]
    found = selection.disable(by=request.by, identities=identities, at=request.now)
    return outcomes(body.accounts, found, "service account")


@noun.read(ACCOUNT, ServiceAccountDocument, needs=VIEW)
def read_service_account(request: Request, account_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One service account."""
    return _answered(_account(request, account_id), request.now, asked.fields)


@noun.change(ACCOUNT, ServiceAccountDocument, needs=BY_ADMINISTRATORS)
def change_service_account(
    request: Request, account_id: UUID, body: ServiceAccountChange
) -> HttpResponse:
    """Change a service account.

    Tokens that are out keep their scopes until they expire, unless `revoke_tokens`. A new owner
    ends the offer of a key to the old one, and the personal access tokens whose secrets the old
    one knows, unless `keep_old_tokens`.
    """
    account = _account(request, account_id)
    check(request, account.revision)
    changed = with_tokens.edit(
        by=request.by,
        account=account,
        details=_details(body.over(_body_of(account)), account),
        revision=account.revision,
        revoke_tokens=bool(body.revoke_tokens),
        keep_old_tokens=bool(body.keep_old_tokens),
        within=request.token,
        at=request.now,
    )
    return _answered(changed, request.now)


@noun.delete(ACCOUNT, needs=BY_ADMINISTRATORS)
def delete_service_account(request: Request, account_id: UUID) -> HttpResponse:
    """Delete a service account for good: its keys and tokens stop, its name is free again."""
    account = _account(request, account_id)
    revision = seen(request, account.revision)
    with_tokens.delete(by=request.by, account=account, revision=revision, at=request.now)
    return done()


@noun.act(ACCOUNT + "/disable", ServiceAccountDocument, needs=BY_ADMINISTRATORS)
def disable_service_account(request: Request, account_id: UUID) -> HttpResponse:
    """Stop every key and token of an account at once; undone by enabling it."""
    actions.disable(by=request.by, account=_account(request, account_id), at=request.now)
    return _answered(_account(request, account_id), request.now)


@noun.act(ACCOUNT + "/enable", ServiceAccountDocument, needs=BY_ADMINISTRATORS)
def enable_service_account(request: Request, account_id: UUID) -> HttpResponse:
    """Let the keys and tokens of an account work again."""
    actions.enable(by=request.by, account=_account(request, account_id), at=request.now)
    return _answered(_account(request, account_id), request.now)


@noun.act(ACCOUNT + "/revoke-tokens", needs=[Permission.TOKEN_OWN])
def revoke_tokens_of_service_account(request: Request, account_id: UUID) -> HttpResponse:
    """Refuse every access token issued so far; keys and personal access tokens go on working."""
    account = _account(request, account_id)
    access_tokens.revoke_all(by=request.by, holder=account, at=request.now)
    return done()


@noun.act(ACCOUNT + "/remove-gui-access", ServiceAccountDocument, needs=VIEW)
def remove_gui_access(request: Request, account_id: UUID) -> HttpResponse:
    """Let an account sign in nowhere; its keys and tokens go on working. Its owner may once a
    program has called with it, administrators at any time."""
    account = _account(request, account_id)
    readiness.remove(by=request.by, identity=account.identity, at=request.now)
    return _answered(_account(request, account_id), request.now)


@noun.act(ACCOUNT + "/restore-gui-access", ServiceAccountDocument, needs=BY_ADMINISTRATORS)
def restore_gui_access(request: Request, account_id: UUID) -> HttpResponse:
    """Let an account sign in again, with the password that it has."""
    account = _account(request, account_id)
    gui_access.restore(by=request.by, identity=account.identity, at=request.now)
    return _answered(_account(request, account_id), request.now)


@noun.put(ACCOUNT + "/successor", ServiceAccountDocument, needs=VIEW)
def set_successor(request: Request, account_id: UUID, body: SuccessorBody) -> HttpResponse:
    """Name who owns an account once its owner has left; its owner does so, and administrators."""
    account = _account(request, account_id)
    successor = None
    if body.successor is not None:
        successor = person_meant(request, body.successor, "successor")
    changed = actions.set_successor(
        by=request.by, account=account, successor=successor, at=request.now
    )
    return _answered(changed, request.now)


@noun.put(ACCOUNT + "/password-exemption", ServiceAccountDocument, needs=BY_ADMINISTRATORS)
def set_password_exemption(request: Request, account_id: UUID, body: ExemptionBody) -> HttpResponse:
    """Say until when the age of an account's password does not count."""
    account = _account(request, account_id)
    with placed({"last_day": "until"}):
        exemptions.set_end(
            by=request.by, identity=account.identity, until=body.until, at=request.now
        )
    return _answered(_account(request, account_id), request.now)


@noun.read(ACCOUNT + "/effective-scopes", EffectiveScopes, needs=VIEW)
def read_effective_scopes(request: Request, account_id: UUID) -> HttpResponse:
    """What an account may ask for now, by itself and by its roles, and what is refused and why."""
    account = _account(request, account_id)
    rights = effective(of_identity(account.identity))
    scopes = [
        EffectiveScope(
            scope=verdict.scope,
            allowed=verdict.allowed,
            origin=str(verdict.origin) if verdict.origin else None,
            reason=verdict.reason,
        )
        for verdict in rights.verdicts
    ]
    return answered(EffectiveScopes(scopes=scopes))


def _rows(request: Request, asked: ServiceAccountFilters) -> ServiceAccountQuerySet:
    wanted = Wanted(
        text=asked.q.strip(),
        status=asked.status or "",
        owner_id=asked.owner,
        expiring=asked.expiring is not None,
        unused=asked.unused is not None,
    )
    return narrow(queries.visible_to(request.by).with_sort_name(), wanted, request.now)


def _account(request: Request, account_id: UUID) -> ServiceAccount:
    return one_of(queries.visible_to(request.by), account_id, "service account")


def _answered(account: ServiceAccount, now: datetime, fields: str | None = None) -> HttpResponse:
    document = _documents([account], now)[0]
    return answered(document, fields=fields, revision=account.revision)


def _details(body: ServiceAccountBody, account: ServiceAccount | None = None) -> Details:
    """The body with the people it names; those that the account has may stay, also disabled."""
    people = possible_owners()
    if account is not None:
        kept = [pk for pk in (account.owner_id, account.successor_id) if pk]
        people |= Identity.objects.filter(pk__in=kept)
    return Details(
        name=body.name,
        description=body.description,
        owner=meant(people, body.owner, "owner", "person who can sign in"),
        successor=meant(people, body.successor, "successor", "person who can sign in"),
        scopes=body.scopes,
        ends_at=body.ends_at,
        email=body.email,
    )


def _body_of(account: ServiceAccount) -> ServiceAccountBody:
    return ServiceAccountBody(
        name=account.name,
        description=account.description,
        owner=account.owner_id,
        successor=account.successor_id,
        email=account.identity.email,
        scopes=account.scopes,
        ends_at=account.ends_at,
    )


def _documents(accounts: Sequence[ServiceAccount], now: datetime) -> list[ServiceAccountDocument]:
    return [ServiceAccountDocument(**_facts(account, now)) for account in accounts]


def _facts(account: ServiceAccount, now: datetime) -> dict[str, Any]:
    return {
        "id": account.pk,
        "name": account.name,
        "description": account.description,
        "owner": Reference.to(account.owner),
        "successor": Reference.to(account.successor),
        "email": account.identity.email,
        "scopes": account.scopes,
        "status": account.status_at(now),
        "ends_at": account.ends_at,
        "password_exempt_until": account.identity.password_exempt_until,
        "web_services_only": account.identity.web_services_only,
        "revision": account.revision,
        "created_at": account.created_at,
        "created_by": account.created_by,
        "changed_at": account.changed_at,
    }
