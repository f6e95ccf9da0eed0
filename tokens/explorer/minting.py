"""An access token for one try: it lives a minute and never leaves the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from accounts.audit.actors import Actor
from accounts.audit.context import current
from accounts.models import Identity
from tokens.access_tokens import claims, issue
from tokens.access_tokens.models import TokenGeneration
from tokens.credentials.models import Credential, KeyOrigin
from tokens.credentials.types.api_explorer import API_EXPLORER
from tokens.personal_access_tokens.policies import (
    check_holder_takes_tokens,
    check_may_make_for,
    check_still_signed_in,
)
from tokens.scopes.effective import issuable, of_identity

CLIENT: Final = "api-explorer"
NAME: Final = "API Explorer"
LIVES_SECONDS: Final = 60


def carried(holder: Identity, scopes: Sequence[str]) -> list[str]:
    """Of these scopes, those that a token of the holder may carry: within account, roles and
    levels, as with a personal access token."""
    return issuable(of_identity(holder, token=scopes), scopes)


def mint(*, by: Actor, holder: Identity, scopes: Sequence[str], at: datetime) -> str:
    """An access token that acts as `holder`, with what it may carry of `scopes`; recorded as every
    token that is issued.

    Raises:
        NotAllowed: whoever may not make a personal access token for the holder gets none here.
        HolderNotActive
    """
    check_may_make_for(by, holder)
    check_still_signed_in(by, Identity.objects.get(pk=holder.pk))
    check_holder_takes_tokens(holder, at)
    credential = _credential(by, holder, at)
    generation = TokenGeneration.objects.filter(identity=holder).values_list("number", flat=True)
    made = claims.new_claims(
        subject=holder.pk,
        client_id=CLIENT,
        scopes=carried(holder, scopes),
        credential_id=credential.pk,
        generation=(generation.first() or 0) + credential.generation,
        lifetime_seconds=LIVES_SECONDS,
        now=at,
    )
    entry = issue.Entry(
        made, issue.Holder(holder.display_name, holder.kind), NAME, None, current(), at
    )
    if not issue.write(entry):
        holder.refresh_from_db()
        check_holder_takes_tokens(holder, at)
    return claims.encode(made, at)


def _credential(by: Actor, holder: Identity, at: datetime) -> Credential:
    """What the token is issued for; one for each who is acted as, made when first needed."""
    found, _made = Credential.objects.get_or_create(
        identity=holder,
        kind=API_EXPLORER,
        revoked_at=None,
        defaults={
            "name": NAME,
            "origin": KeyOrigin.STEWARD,
            "created_at": at,
            "created_by": by.label[:200],
        },
    )
    return found
