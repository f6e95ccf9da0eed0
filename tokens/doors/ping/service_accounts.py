"""Service accounts as the vendor's `managed/svcacct`.

A service account reads its own record and nothing else; it manages none, not even itself, so that
no token can widen its own rights.
"""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import ServiceAccount
from accounts.service_accounts.states import Status
from tokens.access_tokens.guard import bearer, deny
from tokens.access_tokens.verify import AccessToken
from tokens.credentials.models import Credential
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.doors.ping.answers import bad_queries_answered, problem, resource
from tokens.doors.ping.crest.page import parse_read
from tokens.edge.machine import machine

SCOPE: Final = "fr:idm:*"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
READS: Final = frozenset({"GET", "HEAD"})

CONSTANT: Final = {
    "maxCachingTime": "15",
    "maxIdleTime": "15",
    "maxSessionTime": "15",
    "quotaLimit": "5",
}
"""On every record of the vendor's, as text: minutes, and the number of sessions."""


def as_document(account: ServiceAccount) -> dict[str, Any]:
    """An account in the vendor's words; `jwks` is text that holds a JWK set of public keys."""
    now = timezone.now()
    keys = Credential.objects.usable_at(now).filter(identity_id=account.pk, kind=KEY_PAIR)
    public = keys.order_by("-created_at", "pk").values_list("public", flat=True)
    body = {
        "accountStatus": "active" if account.status_at(now) == Status.ACTIVE else "inactive",
        "name": account.name,
        "description": account.description or None,
        "scopes": account.scopes,
        "jwks": json.dumps({"keys": [json.loads(key) for key in public]}, separators=(",", ":")),
    } | CONSTANT
    return {"_id": str(account.pk), "_rev": _revision(body, account.revision)} | body


def _revision(body: dict[str, Any], number: int) -> str:
    """Changes with whatever the record shows: keys and state change without a new revision."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return f"{digest[:32]}-{number}"


@machine(problem, *METHODS)
@bearer(problem, scope=SCOPE)
def many(request: HttpRequest, token: AccessToken) -> HttpResponse:
    """Neither list nor create."""
    reads = request.method in READS
    tried = "asked for the list of service accounts" if reads else "tried to make a service account"
    reason = f"It {tried} ({request.method}); programs may only read their own record."
    return deny(token, request, problem, reason)


@machine(problem, *METHODS)
@bearer(problem, scope=SCOPE)
@bad_queries_answered
def one(request: HttpRequest, token: AccessToken, account_id: str) -> HttpResponse:
    """The caller's own record. Whether another id exists is not told."""
    if request.method not in READS:
        reason = f"It tried to change a service account ({request.method}); programs may only read."
        return deny(token, request, problem, reason)
    if account_id != str(token.holder.pk):
        reason = "It asked for another service account; programs may only read their own record."
        return deny(token, request, problem, reason)
    query = parse_read(request.GET)
    account = (
        ServiceAccount.objects.existing()
        .select_related("identity")
        .filter(pk=token.holder.pk)
        .first()
    )
    if account is None:
        return problem(HTTPStatus.NOT_FOUND, "There is no such object in managed/svcacct.")
    body = as_document(account)
    return resource(query.fields.of(body), revision=body["_rev"], pretty=query.pretty)
