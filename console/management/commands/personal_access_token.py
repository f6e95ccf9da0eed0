"""Personal access tokens from the command line, through the actions that the pages call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.audit.actors import Actor
from accounts.models import Identity
from console.management.acts import ActsCommand, Refused, add_scopes, person
from tokens.credentials.models import KeyOrigin
from tokens.models import Credential
from tokens.personal_access_tokens import actions, queries
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime
from tokens.personal_access_tokens.queries import TokenStatus

USUAL_DAYS = 30


class Command(ActsCommand):
    help = "Make, list and revoke personal access tokens; each answer is a line of JSON."

    def add_acts(self, acts: Any) -> None:
        create = self.act(acts, "create", "make a token; its secret is printed, once")
        create.add_argument("user_name", metavar="USERNAME", help="whom the token acts for")
        create.add_argument("--name", required=True, help="what the token is for")
        add_scopes(create)
        expiry = create.add_mutually_exclusive_group()
        expiry.add_argument(
            "--expires-in-days", type=int, default=USUAL_DAYS, metavar="N", help="default: 30"
        )
        expiry.add_argument(
            "--never-expires", action="store_true", help="where the tenant settings allow it"
        )
        create.add_argument(
            "--access-token-seconds",
            type=int,
            metavar="N",
            help="lifetime of its access tokens; default and maximum are tenant settings",
        )
        listing = self.act(acts, "list", "tell of the tokens that are not revoked, a line each")
        listing.add_argument("user_name", metavar="USERNAME", nargs="?", help="only theirs")
        self.act(acts, "revoke", "stop a token for good").add_argument("id")

    def _create(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        issued = actions.create(
            by=by,
            holder=person(options["user_name"]),
            draft=Draft(
                name=options["name"],
                scopes=options["scope"],
                lifetime=_lifetime(options, now),
                access_token_seconds=options["access_token_seconds"],
            ),
            origin=KeyOrigin.COMMAND,
            within=None,
            at=now,
        )
        return {
            "id": issued.token.client_id,
            "secret": issued.secret.take(),
            "scopes": issued.token.scopes,
            "expires_at": _time(issued.token.expires_at),
        }

    def _list(self, by: Actor, now: datetime, options: dict[str, Any]) -> list[dict[str, Any]]:
        found = queries.visible_to(by) if isinstance(by, Identity) else queries.tokens()
        found = found.filter(revoked_at=None).order_by("identity__user_name", "name", "pk")
        if options["user_name"]:
            found = found.filter(identity=person(options["user_name"]))
        return [_facts(token, now) for token in found.iterator()]

    def _revoke(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        token = _token(options["id"])
        actions.revoke(by=by, token=token, at=now)
        return _facts(token, now)


def _lifetime(options: dict[str, Any], now: datetime) -> Lifetime:
    if options["never_expires"]:
        return Lifetime(None, never_expires=True)
    try:
        return Lifetime(now + timedelta(days=options["expires_in_days"]))
    except OverflowError:
        raise Refused("--expires-in-days is too large") from None


def _token(text: str) -> Credential:
    try:
        found = queries.tokens().filter(pk=UUID(text)).first()
    except ValueError:
        raise Refused(f"{text!r} is no ID of a token") from None
    if found is None:
        raise Refused(f"there is no personal access token with the ID {text}")
    return found


def _facts(token: Credential, now: datetime) -> dict[str, Any]:
    status = queries.status_of(token, now)
    return {
        "id": token.client_id,
        "name": token.name,
        "holder": token.identity.user_name,
        "status": str(status),
        "expires_in_days": _days_left(token, now) if status == TokenStatus.ACTIVE else None,
        "scopes": token.scopes,
        "expires_at": _time(token.expires_at),
        "last_used_at": _time(token.last_used_at),
    }


def _days_left(token: Credential, now: datetime) -> int | None:
    """Whole days: with 0 it expires within one. None where it never does."""
    return (token.expires_at - now).days if token.expires_at else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
