from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse

from accounts.authorization.permissions import Permission
from accounts.identities import granting, queries, selection
from accounts.models import Identity
from accounts.service_accounts import selection as with_accounts
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import invalid
from tokens.doors.rest.nouns.identities.base import DISABLE, INVITE, noun
from tokens.doors.rest.schemas.several import LevelsOfMany, ManyIdentities, WhatCameOfEach
from tokens.doors.rest.several import outcomes


@noun.act("/invite", WhatCameOfEach, needs=INVITE)
def invite_many(request: Request, body: ManyIdentities) -> HttpResponse:
    """Mail each of them a link to set a password; who has one already is left out."""
    chosen = _chosen(request, body.identities)
    lines = selection.invite(by=request.by, identities=chosen, at=request.now)
    found = {line.identity.pk: line.problem for line in lines}
    return outcomes(body.identities, found, "identity")


@noun.act("/disable", WhatCameOfEach, needs=DISABLE)
def disable_many(request: Request, body: ManyIdentities) -> HttpResponse:
    """Disable people, each where the caller may; service accounts are disabled as such."""
    chosen = [each for each in _chosen(request, body.identities) if each.is_person]
    found = with_accounts.disable(by=request.by, identities=chosen, at=request.now)
    return outcomes(body.identities, found, "identity")


@noun.act("/set-levels", WhatCameOfEach, needs=[Permission.LEVEL_GRANT])
def set_levels_of_many(request: Request, body: LevelsOfMany) -> HttpResponse:
    """Give each of them user levels, or take some away; who cannot have them is left out."""
    if not body.levels and body.way != granting.Way.EXACTLY:
        raise invalid("levels", "Name at least one user level.")
    chosen = _chosen(request, body.identities)
    found = granting.set_levels_of_several(
        by=request.by, identities=chosen, levels=body.levels, way=body.way, at=request.now
    )
    return outcomes(body.identities, found, "identity")


def _chosen(request: Request, ids: Sequence[UUID]) -> list[Identity]:
    rows = queries.visible_to(request.by).select_related("service_account")
    chosen = list(rows.prefetch_related("level_assignments").filter(pk__in=ids).order_by("pk"))
    queries.read_roles(chosen, request.now)
    return chosen
