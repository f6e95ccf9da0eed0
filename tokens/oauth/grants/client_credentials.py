"""The client credentials grant (RFC 6749 section 4.4), by a personal access token."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from tokens.credentials.models import CredentialStatus
from tokens.credentials.types import personal_access_token as kind
from tokens.edge.refusals import Part
from tokens.oauth import accounts
from tokens.oauth.errors import InvalidClient
from tokens.oauth.grants.base import Asked, Form, Proof

NOBODYS_HASH = kind.digest("")
"""What a secret is held against where there is no such client, so that this takes as long."""


class ClientCredentials:
    """The id and secret of a personal access token are client id and client secret."""

    name = "client_credentials"
    client_id: str | None = None

    def prove(self, form: Form, asked: Asked) -> Proof:
        del form
        client = asked.client
        if client is None:
            raise InvalidClient("No client secret was sent.", status=HTTPStatus.UNAUTHORIZED)
        token_id = _token_id(client.client_id)
        found = accounts.with_token(token_id, asked.now)
        kept = NOBODYS_HASH if found is None else found[1].secret_hash
        fits = kind.is_secret(kept, client.secret)
        if found is None:
            raise _refusal("There is no token of this id.", client.client_id)
        account, token = found
        if not fits:
            raise _refusal(
                "The secret is wrong.", client.client_id, account.id, token.credential_id
            )
        if token.status is not CredentialStatus.ACTIVE:
            # said in full to the audit log alone, although the secret is right
            raise InvalidClient(
                f"The token {token.name} is {token.status.label.lower()}.",
                status=HTTPStatus.UNAUTHORIZED,
                account_id=account.id,
                part=Part.EXPIRY,
                credential_id=token.credential_id,
            )
        return Proof(
            account=account,
            credential_id=token.credential_id,
            key_id=token.name,
            client_id=client.client_id,
            generation=token.generation,
            scopes=token.scopes,
            lifetime_seconds=_lifetime(token, asked.now),
        )


def _refusal(
    reason: str,
    client_id: str,
    account_id: UUID | None = None,
    credential_id: UUID | None = None,
) -> InvalidClient:
    """All cases look alike to the caller (RFC 6749 section 5.2)."""
    return InvalidClient(
        reason,
        status=HTTPStatus.UNAUTHORIZED,
        account_id=account_id,
        # whoever swaps the two sends a secret as the id, and the log keeps what it gets
        claimed=client_id if _token_id(client_id) != accounts.NOBODY else "",
        part=Part.SECRET,
        credential_id=credential_id,
    )


def _lifetime(token: accounts.TokenFacts, now: datetime) -> int:
    """Seconds; no access token outlives what it was issued with."""
    if token.expires_at is None:
        return token.access_token_seconds
    left = int(token.expires_at.timestamp()) - int(now.timestamp())
    return max(1, min(token.access_token_seconds, left))


def _token_id(client_id: str) -> UUID:
    """The token meant: only the exact spelling of its id, without dashes, finds it."""
    try:
        token_id = UUID(client_id)
    except ValueError:
        return accounts.NOBODY
    return token_id if token_id.hex == client_id else accounts.NOBODY
