"""The token of a provisioning client, which stands as it is in the Authorization header."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest

from accounts.audit.context import Means
from accounts.identities.policies import has_ended
from accounts.models import Identity
from accounts.roles import reach
from tokens.access_tokens.claims import issuer
from tokens.access_tokens.guard import BEARER, Refused
from tokens.access_tokens.verify import AccessToken, Holder
from tokens.credentials.models import Credential, CredentialStatus
from tokens.credentials.types.personal_access_token import is_secret
from tokens.credentials.types.provisioning_token import PREFIX, PROVISIONING_TOKEN, id_in
from tokens.edge.refusals import Part
from tokens.scopes.effective import Held, issuable

NOTHING: Final = b"\0" * 32
"""Compared with where there is no such token, so that this takes as long."""
WORKING: Final = frozenset({CredentialStatus.ACTIVE, CredentialStatus.RETIRING})


def of_request(request: HttpRequest, now: datetime) -> AccessToken | None:
    """What a provisioning token in the header allows; None where it is no such token.

    Raises:
        Refused: it does not hold.
    """
    found = BEARER.fullmatch(request.META.get("HTTP_AUTHORIZATION", ""))
    if found is None or not found["token"].startswith(PREFIX):
        return None
    text = found["token"]
    token = _named(text)
    if not is_secret(token.secret_hash if token and token.secret_hash else NOTHING, text):
        raise _refused("its secret is wrong, or there is none such", part=Part.SECRET)
    assert token is not None
    holder = Holder(token.identity_id, token.name, token.identity.kind)
    means = Means(token.pk, PROVISIONING_TOKEN, token.name)
    if (status := token.status_at(now)) not in WORKING:
        raise _refused(f"it is {status}", holder=holder, means=means, part=Part.EXPIRY)
    if not _works(token.identity, now):
        raise _refused("its account is stopped", holder=holder, means=means, part=Part.OWNER)
    return _token(token, holder, means, now)


def _named(text: str) -> Credential | None:
    pk = id_in(text)
    if pk is None:
        return None
    rows = Credential.objects.select_related("identity__service_account")
    return rows.filter(pk=pk, kind=PROVISIONING_TOKEN).first()


def _works(holder: Identity, now: datetime) -> bool:
    account = holder.service_account
    return holder.is_active and account.deleted_at is None and not has_ended(holder, at=now)


def _token(token: Credential, holder: Holder, means: Means, now: datetime) -> AccessToken:
    roles = reach.of_identity(token.identity_id, now).scopes
    held = Held(token.identity.service_account.scopes, roles=sorted(roles), token=token.scopes)
    issued_at = int(token.created_at.timestamp())
    return AccessToken(
        holder=holder,
        means=means,
        client_id=token.pk.hex,
        scopes=frozenset(issuable(held)),
        token_id="",
        expires_at=int(token.ends_at.timestamp()) if token.ends_at else int(now.timestamp()),
        issued_at=issued_at,
        audience=issuer(),
    )


def _refused(
    reason: str,
    *,
    part: Part,
    holder: Holder | None = None,
    means: Means | None = None,
) -> Refused:
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "invalid_token",
        "The token is not valid.",
        reason=f"The provisioning token is not valid: {reason}.",
        holder=holder,
        part=part,
        means=means,
    )
