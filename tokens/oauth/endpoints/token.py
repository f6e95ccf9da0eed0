"""The token endpoint (RFC 6749 section 3.2): one path through it for every grant."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.audit.context import RequestFacts
from tokens.access_tokens import claims as access_tokens
from tokens.access_tokens import issue
from tokens.oauth import refusals
from tokens.oauth.audiences import of_request
from tokens.oauth.errors import (
    CONTENT_TYPE,
    NO_STORE,
    InvalidGrant,
    InvalidRequest,
    NoScopes,
    OAuthError,
    UnsupportedScopes,
)
from tokens.edge.facts import facts_of
from tokens.oauth.grants import grants
from tokens.oauth.grants.base import Account, Asked, Form, Grant, Proof
from tokens.scopes.effective import requested
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

BODY_MAX_BYTES = 65_536
FORM_TYPE = "application/x-www-form-urlencoded"

logger = logging.getLogger(__name__)


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Issue an access token, or say by RFC 6749 section 5.2 why not."""
    if request.method != "POST":
        refusal = InvalidRequest("Use POST.").response()
        refusal.status_code, refusal["Allow"] = 405, "POST"
        return refusal
    facts, now = facts_of(request), timezone.now()
    try:
        form = read_form(request)
        return _issue(form, Asked(now, of_request(request)), facts)
    except OAuthError as error:
        refusals.record_token_refusal(error, facts, now)
        return error.response()


def read_form(request: HttpRequest) -> Form:
    """The parameters of the body, each once; unknown ones are left in and ignored.

    Raises:
        InvalidRequest: the body is no form, too large, or repeats a parameter.
    """
    if (request.content_type or "").lower() != FORM_TYPE:
        raise InvalidRequest(f"Send the parameters as {FORM_TYPE}.")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > BODY_MAX_BYTES:
        raise InvalidRequest("The request is too large.")
    try:
        posted = request.POST
    except (RawPostDataException, UnicodeDecodeError, ValueError) as error:
        raise InvalidRequest("The form cannot be read.") from error
    repeated = sorted(name for name, values in posted.lists() if len(values) > 1)
    if repeated:
        raise InvalidRequest(f"The parameter {repeated[0][:40]} is repeated.")
    return {name: posted[name] for name in posted}


def _grant(form: Form) -> Grant:
    name = form.get("grant_type", "")
    if not name:
        raise InvalidRequest("The parameter grant_type is missing.")
    if name not in grants:
        raise OAuthError("unsupported_grant_type", "This grant type is not supported.")
    return grants.get(name)


def _issue(form: Form, asked: Asked, facts: RequestFacts) -> HttpResponse:
    grant = _grant(form)
    if form.get("client_id", grant.client_id) != grant.client_id:
        raise OAuthError("invalid_client", "This client is not known.")
    proof = grant.prove(form, asked)
    account = proof.account
    _check_state(account, asked.now)
    scopes = _scopes(account, form.get("scope", ""))
    now = asked.now
    claims = access_tokens.new_claims(
        subject=account.id,
        client_id=grant.client_id,
        scopes=scopes,
        credential_id=proof.credential_id,
        generation=account.generation,
        now=now,
    )
    encoded = access_tokens.encode(claims, now)
    entry = issue.Entry(claims, account.name, proof.key_id, proof.replay, facts, now)
    if not issue.write(entry):
        raise InvalidGrant(
            "The assertion was used before, or the account or key was stopped just now.",
            account_id=account.id,
        )
    _count(proof, scopes, facts, now)
    return JsonResponse(
        {
            "access_token": encoded,
            "scope": " ".join(scopes),
            "token_type": "Bearer",
            "expires_in": claims.expires_at - claims.issued_at,
        },
        headers=NO_STORE,
        content_type=CONTENT_TYPE,
    )


def _check_state(account: Account, now: datetime) -> None:
    """Refuse accounts that are stopped; for every grant, so that none can forget it."""
    if account.deleted:
        raise InvalidGrant("The account is deleted.", account_id=account.id)
    if account.disabled:
        raise InvalidGrant("The account is disabled.", account_id=account.id)
    if account.ends_at is not None and account.ends_at <= now:
        raise InvalidGrant("The account has ended.", account_id=account.id)


def _scopes(account: Account, asked: str) -> Sequence[str]:
    granted, refused = requested(account.scopes, asked)
    if refused:
        raise UnsupportedScopes(refused, account_id=account.id)
    if not granted:
        raise NoScopes(account_id=account.id)
    return granted


def _count(proof: Proof, scopes: Sequence[str], facts: RequestFacts, now: datetime) -> None:
    """Note the use. The token is issued already, so a failure here must not take it back."""
    try:
        buffer.add(
            identity_id=proof.account.id,
            use=Use.TOKEN,
            credential_id=proof.credential_id,
            scopes=scopes,
            address=facts.address,
            client=facts.user_agent,
            at=now,
        )
    except DatabaseError:
        logger.exception("Use could not be written", extra={"account": str(proof.account.id)})
