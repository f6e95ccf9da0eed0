"""Whoever calls a door with an access token: who that is, and whether they carry what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from accounts.models import Identity
from tokens.access_tokens.guard import Forbidden, deny
from tokens.access_tokens.verify import AccessToken
from tokens.edge.machine import Problem
from tokens.edge.refusals import Part
from tokens.scopes.effective import EffectiveRights, Held, Refusal
from tokens.scopes.files import installed


def identity_of(token: AccessToken) -> Identity:
    """Who calls, with their user levels.

    Raises:
        Forbidden: they were disabled a moment ago.
    """
    found = Identity.objects.active().prefetch_related("level_assignments")
    identity = found.filter(pk=token.holder.pk).first()
    if identity is None:
        raise Forbidden("The holder was disabled just now.", code="", part=Part.OWNER)
    return identity


def held_by(identity: Identity, token: AccessToken) -> Held:
    """What the rights of a call come from: the scopes of its token, and what levels and roles let
    the holder do now."""
    by_roles = identity.rights_by_roles.permissions
    return Held(levels=identity.levels, permissions=by_roles, token=token.scopes)


def scopes_used(
    token: AccessToken, operation: str, scopes: Sequence[str], rights: EffectiveRights
) -> Sequence[str]:
    """Which scope of the token an operation goes through; `rights` are the verdicts on `scopes`,
    of which one is enough.

    Raises:
        Forbidden: none of them is carried.
    """
    if rights.granted:
        granted = rights.granted[0]
        through = (granted, *installed().ancestors(granted))
        return [name for name in through if name in token.scopes][:1]
    said = f"{operation} needs {' or '.join(scopes)}. {_reasons(rights)}"
    lacks = all(v.refusal is Refusal.NOT_ON_TOKEN for v in rights.verdicts)
    part = Part.SCOPE if lacks else _part_of(rights)
    raise Forbidden(said, code="insufficient_scope" if lacks else "", scope=scopes[0], part=part)


def _reasons(rights: EffectiveRights) -> str:
    """Why none of the scopes is carried: told of each where they have different reasons."""
    if len({verdict.reason for verdict in rights.verdicts}) == 1:
        return rights.verdicts[0].reason
    return " ".join(f"{verdict.scope}: {verdict.reason}" for verdict in rights.verdicts)


def _part_of(rights: EffectiveRights) -> Part:
    by_level = any(verdict.refusal is Refusal.LEVEL for verdict in rights.verdicts)
    return Part.LEVEL if by_level else Part.SCOPE


def too_often(
    request: HttpRequest, token: AccessToken, problem: Problem, seconds: int
) -> HttpResponse:
    """The answer to a client that has used up its calls, and the event of it."""
    refusal = deny(
        token,
        request,
        problem,
        f"The client called too often: it may call again in {seconds} s.",
        message="You called too often. Wait, and call again.",
        part=Part.NETWORK,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code="too_many_requests",
    )
    refusal["Retry-After"] = str(seconds)
    return refusal
