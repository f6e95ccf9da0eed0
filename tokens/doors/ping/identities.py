"""Identities of the tenant as the vendor's `managed/alpha_user`: read only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from accounts.identities.models import IdentityQuerySet
from accounts.models import Identity
from tokens.access_tokens.guard import bearer, deny
from tokens.access_tokens.verify import AccessToken
from tokens.doors.ping.answers import bad_queries_answered, document, problem, resource
from tokens.doors.ping.crest.page import (
    MAX_PAGE_SIZE,
    ListQuery,
    TotalPolicy,
    envelope,
    next_cookie,
    parse_list,
    parse_read,
)
from tokens.doors.ping.crest.pointer import Pointer
from tokens.doors.ping.crest.translate import (
    Column,
    Derived,
    Kind,
    Order,
    Part,
    cookie_values,
    to_order,
    to_q,
)
from tokens.edge.machine import machine

COLLECTION: Final = "managed/alpha_user"
SCOPE: Final = "fr:idm:*"
READS: Final = frozenset({"GET", "HEAD"})
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

PARTS: Final[Mapping[Pointer, Part]] = {
    ("_id",): Column("id", Kind.UUID),
    ("userName",): Column("user_name"),
    ("givenName",): Column("first_name"),
    ("sn",): Column("last_name"),
    ("cn",): Column("display_name"),
    ("mail",): Column("email"),
    ("accountStatus",): Derived(
        {"active": Q(disabled_at=None), "inactive": Q(disabled_at__isnull=False)}
    ),
    ("kind",): Column("kind"),
    ("manager", "_refResourceId"): Column("manager_id", Kind.UUID, nullable=True),
}
"""What can be filtered and sorted by; `kind` is ours: person, service or agent."""


def as_document(identity: Identity) -> dict[str, Any]:
    """An identity in the vendor's words. What is empty is left out, as the vendor does."""
    told = {
        "userName": identity.user_name,
        "givenName": identity.first_name,
        "sn": identity.last_name,
        "mail": identity.email,
        "cn": identity.display_name,
        "accountStatus": "inactive" if identity.disabled_at else "active",
        "kind": identity.kind,
        "manager": _reference(identity.manager_id),
    }
    kept = {name: value for name, value in told.items() if value}
    return {"_id": str(identity.pk), "_rev": _revision(identity)} | kept


def _reference(manager_id: UUID | None) -> dict[str, str] | None:
    if manager_id is None:
        return None
    return {
        "_ref": f"{COLLECTION}/{manager_id}",
        "_refResourceCollection": COLLECTION,
        "_refResourceId": str(manager_id),
    }


def _revision(identity: Identity) -> str:
    """Changes with every change, since each one sets its time."""
    return f"{identity.pk}-{int(identity.changed_at.timestamp() * 1_000_000)}"


def _readable() -> IdentityQuerySet:
    unread = ("password", "attributes", "user_name_key", "disabled_by", "deleted_by")
    return Identity.objects.existing().defer(*unread)


@machine(problem, *METHODS)
@bearer(problem, scope=SCOPE)
@bad_queries_answered
def many(request: HttpRequest, token: AccessToken) -> HttpResponse:
    """Query the identities."""
    if request.method not in READS:
        return _denied(request, token)
    query = parse_list(request.GET, collection=COLLECTION)
    found = _readable().filter(to_q(query.filter, PARTS))
    rows, cookie = _page(found, query, to_order(query.sort_keys, PARTS))
    total = None if query.total_policy is TotalPolicy.NONE else found.count()
    body = envelope([as_document(row) for row in rows], query, cookie=cookie, total=total)
    return document(body, pretty=query.pretty)


def _page(
    found: IdentityQuerySet, query: ListQuery, order: Order
) -> tuple[Sequence[Identity], str | None]:
    """The rows of the page asked for, and the cookie of the next where there is one."""
    rows = found.order_by(*order.expressions())
    if query.after is not None:
        rows = rows.filter(order.after(query.after))
    # Whoever asks for no pages still gets no more than the largest, and the way to the rest: one
    # call must not read a whole tenant into the process that issues tokens.
    size = query.page_size or MAX_PAGE_SIZE
    cut = list(rows[query.offset : query.offset + size + 1])
    page = cut[:size]
    if len(cut) <= size:
        return page, None
    last = [attrgetter(path)(page[-1]) for path in order.paths()]
    return page, next_cookie(query, cookie_values(last))


@machine(problem, *METHODS)
@bearer(problem, scope=SCOPE)
@bad_queries_answered
def one(request: HttpRequest, token: AccessToken, identity_id: str) -> HttpResponse:
    if request.method not in READS:
        return _denied(request, token)
    query = parse_read(request.GET)
    wanted = _as_id(identity_id)
    identity = _readable().filter(pk=wanted).first() if wanted else None
    if identity is None:
        return problem(HTTPStatus.NOT_FOUND, "There is no such object in managed/alpha_user.")
    body = as_document(identity)
    return resource(query.fields.of(body), revision=body["_rev"], pretty=query.pretty)


def _as_id(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def _denied(request: HttpRequest, token: AccessToken) -> HttpResponse:
    reason = f"It tried to change identities ({request.method}); this tenant serves them read-only."
    message = "Access denied: identities are read-only in this tenant."
    return deny(token, request, problem, reason, message=message)
