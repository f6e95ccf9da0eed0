"""How programs of this vendor prove who they are, beside an access token.

By the id and secret of a personal access token, in a Basic header or as an API key. Passwords of
people are none of these: they would get round second factors, and whoever guesses at them here
would be at the sign-in page as well.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest

from accounts.audit.context import Means, current
from accounts.roles import reach
from tokens.access_tokens.claims import issuer
from tokens.access_tokens.guard import Refused
from tokens.access_tokens.verify import AccessToken, Holder
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.edge.refusals import Part
from tokens.oauth import client_auth, failures
from tokens.oauth.client_auth import ClientSecret, Method
from tokens.oauth.errors import OAuthError, TooManyFailures
from tokens.oauth.grants.base import Asked, Proof
from tokens.oauth.grants.client_credentials import ClientCredentials
from tokens.scopes.effective import Held, issuable

API_KEY: Final = "x-sn-apikey"
SEPARATOR: Final = "."
"""Between id and secret of a personal access token that is sent as one value."""
LONGEST_KEY: Final = 300
WRONG: Final = "The user name or the secret is wrong."


def of_request(request: HttpRequest, now: datetime) -> AccessToken | None:
    """What a personal access token allows that stands in the request; None where none does.

    Raises:
        Refused: it does not hold, or the request brings two proofs.
    """
    key = request.headers.get(API_KEY)
    if API_KEY in request.GET:
        raise _unclear("Send the API key in its header only: addresses end up in logs.")
    if key is not None and "Authorization" in request.headers:
        raise _unclear("Authenticate in one way only.")
    try:
        client = client_auth.of_header(request) if key is None else _of_key(key)
        return None if client is None else _proved(client, now)
    except OAuthError as error:
        raise _refused(error) from error


def _of_key(key: str) -> ClientSecret:
    token_id, _dot, secret = key[:LONGEST_KEY].strip().partition(SEPARATOR)
    return ClientSecret(token_id, secret, Method.POST)


def _proved(client: ClientSecret, now: datetime) -> AccessToken:
    address = current().address
    try:
        proof = ClientCredentials().prove({}, Asked(now, frozenset(), client))
    except OAuthError as error:
        raise failures.after(error, client, address) from error
    failures.passed(client, address)
    account = proof.account
    holder = Holder(account.id, account.name, account.kind)
    means = Means(proof.credential_id, PERSONAL_ACCESS_TOKEN, proof.key_id)
    if reason := account.why_stopped(now):
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "invalid_token",
            WRONG,
            reason=reason,
            holder=holder,
            part=Part.OWNER,
            means=means,
        )
    return _token(proof, holder, means, now)


def _token(proof: Proof, holder: Holder, means: Means, now: datetime) -> AccessToken:
    """What the token would be traded for, for this one call."""
    account, issued_at = proof.account, int(now.timestamp())
    roles = reach.of_identity(account.id, now).scopes if account.has_roles else ()
    held = Held(account.scopes, roles=sorted(roles), token=proof.scopes)
    return AccessToken(
        holder=holder,
        means=means,
        client_id=proof.client_id,
        scopes=frozenset(issuable(held)),
        token_id="",
        expires_at=issued_at + (proof.lifetime_seconds or 0),
        issued_at=issued_at,
        audience=issuer(),
    )


def _unclear(message: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "invalid_request", message)


def _refused(error: OAuthError) -> Refused:
    """All cases look alike to the caller; the log has the token meant, where there is one."""
    named = f" Token: {error.credential_id.hex}." if error.credential_id else ""
    return Refused(
        error.status if isinstance(error, TooManyFailures) else HTTPStatus.UNAUTHORIZED,
        "invalid_token",
        error.description if isinstance(error, TooManyFailures) else WRONG,
        reason=f"{error.reason}{named}",
        part=error.part,
        wait_seconds=getattr(error, "seconds", 0),
    )
