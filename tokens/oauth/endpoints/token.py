"""The token endpoint (RFC 6749 section 3.2): one path through it for every grant."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from accounts.audit.context import RequestFacts, current
from accounts.roles import reach
from tokens.access_tokens import claims as access_tokens
from tokens.access_tokens import issue
from tokens.edge.machine import machine
from tokens.edge.refusals import Part
from tokens.health import counters
from tokens.oauth import client_auth, failures, refusals, tenant
from tokens.oauth import form as forms
from tokens.oauth.accounts import Account, levels_of
from tokens.oauth.audiences import of_request
from tokens.oauth.client_auth import ClientSecret
from tokens.oauth.errors import (
    CONTENT_TYPE,
    NO_STORE,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    OAuthError,
    UnsupportedScopes,
    problem,
)
from tokens.oauth.grants import grants
from tokens.oauth.grants.base import Asked, Form, Grant, Proof
from tokens.oauth.resources import target
from tokens.scopes.coverage import BadScopes
from tokens.scopes.effective import Held, effective, given_by_roles, issuable, requested
from tokens.scopes.files import installed
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

SPELLINGS: Final = {"CLIENT_CREDENTIALS": "client_credentials"}
"""SailPoint's documents write this one grant type in capitals as well, and so do its clients."""


@machine(problem, "POST")
def token(request: HttpRequest) -> HttpResponse:
    """Issue an access token, or say by RFC 6749 section 5.2 why not."""
    begun = time.perf_counter()
    now = timezone.now()
    client: ClientSecret | None = None
    grant = counters.UNKNOWN
    try:
        form = forms.read(request)
        grant = _known(form)
        client = client_auth.of_request(request, form)
        answer, account_class = _issue(form, Asked(now, of_request(request), client), current())
    except OAuthError as error:
        refusal = failures.after(error, client, current().address)
        counters.token_refused(code=refusal.code, grant=grant, seconds=time.perf_counter() - begun)
        refusals.note(refusal, now)
        return refusal.response()
    failures.passed(client, current().address)
    counters.token_issued(
        grant=grant, account_class=account_class, seconds=time.perf_counter() - begun
    )
    return answer


def _named(form: Form) -> str:
    name = form.get("grant_type", "")
    return SPELLINGS.get(name, name)


def _known(form: Form) -> str:
    """The grant by the name under which it is counted: what callers invent is not repeated."""
    name = _named(form)
    return name if name in grants else counters.UNKNOWN


def _grant(form: Form) -> Grant:
    name = _named(form)
    if not name:
        raise InvalidRequest("The parameter grant_type is missing.")
    if name not in grants:
        reason = f"There is no grant type {name[:100]}."
        raise OAuthError(
            "unsupported_grant_type", "This grant type is not supported.", reason=reason
        )
    return grants.get(name)


def _check_client(form: Form, asked: Asked, grant: Grant) -> None:
    """A public client is one with its grant: it may be left out (RFC 7521 section 4.1), and has
    no secret. Whoever has one proves it to the grant."""
    if grant.client_id is None:
        return
    if asked.client is not None:
        raise InvalidClient("A client secret was sent.", status=HTTPStatus.UNAUTHORIZED)
    client_id = form.get("client_id", grant.client_id)
    if client_id != grant.client_id:
        # what it says instead is not repeated: who swaps the two sends a secret here
        raise InvalidClient("client_id is not the client of this grant.")


def _issue(form: Form, asked: Asked, facts: RequestFacts) -> tuple[HttpResponse, str]:
    """The answer, and the class of the account that it is for."""
    grant = _grant(form)
    _check_client(form, asked, grant)
    proof = grant.prove(form, asked)
    account, now = proof.account, asked.now
    _check_state(proof, now)
    asked_for = form.get("scope", "")
    held = _held(proof, asked_for, now)
    granted = _scopes(proof, asked_for, held)
    found = target(
        granted,
        asked=bool(asked_for.strip(" ")),
        resource=form.get("resource", ""),
        account_id=account.id,
    )
    scopes = found.scopes
    claims = access_tokens.new_claims(
        subject=account.id,
        client_id=proof.client_id,
        scopes=scopes,
        credential_id=proof.credential_id,
        generation=proof.generation,
        lifetime_seconds=_lifetime(proof),
        audience=found.audience,
        by_roles=given_by_roles(held, scopes),
        now=now,
    )
    encoded = access_tokens.encode(claims, now)
    # the state is looked at again as of now, not as of when the request came in
    holder = issue.Holder(account.name, account.kind)
    entry = issue.Entry(
        claims,
        holder,
        proof.key_id,
        proof.replay,
        facts,
        timezone.now(),
        client_method=asked.client.method if asked.client else "",
    )
    if not issue.write(entry):
        raise _stopped(
            proof,
            "The proof was used before, or the account or credential was stopped just now.",
            part=None,
            key_id=proof.key_id,
        )
    _count(proof, scopes, facts, now)
    answer = _answer(encoded, claims, by_client=asked.client is not None)
    return answer, account.kind


def _answer(encoded: str, claims: access_tokens.Claims, *, by_client: bool) -> HttpResponse:
    return JsonResponse(
        {
            "access_token": encoded,
            "scope": " ".join(claims.scopes),
            "token_type": "Bearer",
            "expires_in": claims.expires_at - claims.issued_at,
            **(_to_client(claims) if by_client else {}),
        },
        status=HTTPStatus.OK,
        headers=NO_STORE,
        content_type=CONTENT_TYPE,
    )


def _to_client(claims: access_tokens.Claims) -> dict[str, object]:
    """What SailPoint's answer to a client has beside, as far as there is something true to say."""
    return {
        "tenant_id": tenant.tenant_id(),
        "org": tenant.tenant_name(),
        "pod": tenant.POD,
        "identity_id": str(claims.subject),
        "enabled": True,  # of whoever is not, nobody gets a token
        "jti": claims.token_id,
    }


def _lifetime(proof: Proof) -> int:
    """Seconds; what the tenant allows bounds every grant."""
    usual = int(access_tokens.LIFETIME.total_seconds())
    asked = usual if proof.lifetime_seconds is None else proof.lifetime_seconds
    return min(asked, proof.account.longest_seconds)


def _check_state(proof: Proof, now: datetime) -> None:
    """Refuse accounts that are stopped; for every grant, so that none can forget it."""
    if reason := proof.account.why_stopped(now):
        raise _stopped(proof, reason)


def _stopped(
    proof: Proof, reason: str, *, part: Part | None = Part.OWNER, key_id: str = ""
) -> OAuthError:
    """What was proved does not count; where a client proved itself, neither does the client."""
    account_id = proof.account.id
    if proof.scopes is None:
        return InvalidGrant(reason, account_id=account_id, key_id=key_id, part=part)
    return InvalidClient(
        reason,
        status=HTTPStatus.UNAUTHORIZED,
        account_id=account_id,
        part=part,
        credential_id=proof.credential_id,
    )


def _scopes(proof: Proof, asked: str, held: Held) -> Sequence[str]:
    """What is granted: all that was asked for, or nothing; without a word, all of a token."""
    account = proof.account
    if proof.scopes is not None and not asked.strip(" "):
        granted = issuable(held)
        refused = [] if granted else list(proof.scopes)
    else:
        granted, refused = _asked_for(held, asked, account)
    if refused:
        raise UnsupportedScopes(
            refused,
            reason=_why_refused(held, refused),
            account_id=account.id,
            part=Part.SCOPE,
            credential_id=None if proof.scopes is None else proof.credential_id,
        )
    return granted


def _why_refused(held: Held, refused: Sequence[str]) -> str:
    """For the audit log: whether the token, the account or its levels lack each scope."""
    found: dict[str, list[str]] = {}
    for verdict in effective(held, refused).verdicts:
        found.setdefault(verdict.reason, []).append(verdict.scope)
    return " ".join(f"{', '.join(names)}: {reason}" for reason, names in found.items() if reason)


def _asked_for(held: Held, asked: str, account: Account) -> tuple[list[str], list[str]]:
    try:
        return requested(held, asked)
    except BadScopes as error:
        description = "No scope was requested." if not asked.strip(" ") else "scope is no list."
        raise InvalidScope(description, reason=error.message, account_id=account.id) from error


def _held(proof: Proof, asked: str, now: datetime) -> Held:
    """The user levels are looked up only where they bound what is asked for by a key, and roles
    only where there are any."""
    account, catalogue = proof.account, installed()
    bounded = proof.scopes is None and any(map(catalogue.is_bound_by_levels, asked.split(" ")))
    levels = levels_of(account.id) if bounded else ()
    by_roles = reach.of_identity(account.id, now) if account.has_roles else reach.NOTHING
    return Held(
        account.scopes,
        roles=sorted(by_roles.scopes),
        levels=levels,
        permissions=by_roles.permissions,
        token=proof.scopes,
    )


def _count(proof: Proof, scopes: Sequence[str], facts: RequestFacts, now: datetime) -> None:
    buffer.add(
        identity_id=proof.account.id,
        use=Use.TOKEN,
        credential_id=proof.credential_id,
        scopes=scopes,
        address=facts.address,
        client=facts.user_agent,
        at=now,
    )
