"""Token introspection (RFC 7662): whether a token may be used now, and what for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from accounts.audit.context import current
from tokens.access_tokens.claims import issuer
from tokens.access_tokens.verify import AccessToken, InvalidToken, inspect, inspect_in_vain
from tokens.apis.queries import audience_keys_of
from tokens.edge.machine import machine
from tokens.oauth import callers, refusals
from tokens.oauth.audiences import canonical
from tokens.oauth.errors import CONTENT_TYPE, NO_STORE, OAuthError, problem
from tokens.oauth.grants.base import Proof
from tokens.oauth.refusals import At
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

PATHS: Final = ("/oauth/introspect", "/am/oauth2/introspect")
INACTIVE: Final[dict[str, Any]] = {"active": False}
"""All that is said of a token that may not be used, or that is none of the caller's business."""


@machine(problem, "POST")
def introspect(request: HttpRequest) -> HttpResponse:
    """Tell a caller about a token of its own, or one that is meant for it.

    `token_type_hint` is not needed: there is one kind of token to look for.
    """
    now = timezone.now()
    try:
        form = callers.read(request)
        proof = callers.authenticate(request, form, now)
        with transaction.atomic():
            callers.use_up(proof)
    except OAuthError as error:
        refusals.note(error, now, at=At.INTROSPECTION)
        return error.response()
    count(proof, now)
    names = _names(proof.account.id)  # also where there is no token: it takes as long then
    token = found(form["token"], now)
    told = INACTIVE if token is None or not _concerns(proof, token, names) else _facts(token)
    return JsonResponse(told, status=HTTPStatus.OK, headers=NO_STORE, content_type=CONTENT_TYPE)


def found(text: str, now: datetime) -> AccessToken | None:
    """The token, if it may be used now. What is none takes as long as what is one."""
    try:
        return inspect(text, now)
    except InvalidToken as error:
        if error.holder is None:
            inspect_in_vain(now)  # it was refused before the database was asked
        return None


def _concerns(proof: Proof, token: AccessToken, names: Collection[str]) -> bool:
    """Whether the token is the caller's own, or names the caller as its audience."""
    return token.holder.pk == proof.account.id or canonical(token.audience) in names


def _names(account_id: UUID) -> set[str]:
    """What an API is called as an audience if the service account is its own."""
    return {str(account_id), account_id.urn} | audience_keys_of(account_id)


def _facts(token: AccessToken) -> dict[str, Any]:
    """RFC 7662 section 2.2."""
    return {
        "active": True,
        "scope": " ".join(sorted(token.scopes)),
        "client_id": token.client_id,
        "token_type": "Bearer",
        "exp": token.expires_at,
        "iat": token.issued_at,
        "sub": str(token.holder.pk),
        "aud": token.audience,
        "iss": issuer(),
        "jti": token.token_id,
    }


def count(proof: Proof, now: datetime) -> None:
    """The caller's credential was used, if for nothing that a scope allows."""
    facts = current()
    buffer.add(
        identity_id=proof.account.id,
        use=Use.CALL,
        credential_id=proof.credential_id,
        scopes=(),
        address=facts.address,
        client=facts.user_agent,
        at=now,
    )
