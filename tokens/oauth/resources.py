"""Which resource an access token is for: the one whose scopes it carries (RFC 9068 section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tokens.access_tokens.claims import issuer
from tokens.oauth.audiences import canonical
from tokens.oauth.errors import InvalidScope, OAuthError
from tokens.scopes import in_force


@dataclass(frozen=True)
class Target:
    """The `aud` of a token, and the scopes that it may carry there."""

    audience: str
    scopes: Sequence[str]


def target(scopes: Sequence[str], *, asked: bool, resource: str, account_id: UUID) -> Target:
    """Scopes of one audience alone, so that no API gets a token that also opens another.

    `resource` (RFC 8707 section 2) chooses among those of a personal access token; without it
    this server goes first. `asked` says that the scopes were asked for by name: then all of them
    are granted, or none.

    Raises:
        OAuthError: `invalid_target`, or `invalid_scope` where they are of several APIs.
    """
    catalogue = in_force.for_names(scopes)
    found: dict[str, list[str]] = {}
    for name in scopes:
        publisher = catalogue.publisher_of(name)
        found.setdefault((publisher and publisher.audience) or issuer(), []).append(name)
    if resource:
        chosen = _named(resource, list(found))
        if chosen is None:
            raise OAuthError(
                "invalid_target",
                "No scope of this resource was granted.",
                reason=f"None of the scopes is of {resource[:200]}.",
                account_id=account_id,
            )
    elif len(found) < 2:
        chosen = next(iter(found), issuer())
    else:
        chosen = issuer() if issuer() in found else None
    if chosen is None or (asked and len(found) > 1):
        raise InvalidScope(
            "Ask for the scopes of one API at a time.",
            reason=f"The scopes are of {', '.join(sorted(found))}.",
            account_id=account_id,
        )
    return Target(chosen, found.get(chosen, []))


def _named(resource: str, audiences: list[str]) -> str | None:
    wanted = canonical(resource)
    return next((each for each in audiences if canonical(each) == wanted), None)
