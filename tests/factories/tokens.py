from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.audit.actors import Actor
from accounts.models import Identity
from tokens.credentials.models import Credential
from tokens.personal_access_tokens import actions
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime


@dataclass(frozen=True)
class MadeToken:
    """A personal access token as its holder has it."""

    token: Credential
    client_id: str
    secret: str


def make_token(
    holder: Identity,
    name: str = "Nightly export",
    *,
    scopes: Sequence[str] = ("fr:am:*",),
    expires_in: timedelta = timedelta(days=30),
    access_token_seconds: int | None = None,
    by: Actor | None = None,
    at: datetime | None = None,
) -> MadeToken:
    at = at or timezone.now()
    issued = actions.create(
        by=by or holder,
        holder=holder,
        draft=Draft(name, scopes, Lifetime(at + expires_in), access_token_seconds),
        within=None,
        at=at,
    )
    return MadeToken(issued.token, issued.token.client_id, issued.secret.take())
