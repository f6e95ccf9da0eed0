"""Token revocation (RFC 7009): a client ends a token of its own before it runs out."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.audit.context import current, request_facts
from tokens.access_tokens import actions
from tokens.edge.machine import machine
from tokens.oauth import callers, refusals
from tokens.oauth.endpoints.introspect import count, found
from tokens.oauth.errors import CONTENT_TYPE, NO_STORE, OAuthError, problem
from tokens.oauth.refusals import At

PATHS: Final = ("/oauth/revoke", "/am/oauth2/token/revoke")


@machine(problem, "POST")
def revoke(request: HttpRequest) -> HttpResponse:
    """Refuse a token of the caller's from its next use on.

    What is no live token of the caller's gets the same answer, and nothing is done: RFC 7009
    section 2.2 for a token that is none, and whether somebody else's is one is none of the
    caller's business. `token_type_hint` is not needed (section 2.1): there is one kind.
    """
    now = timezone.now()
    try:
        form = callers.read(request)
        proof = callers.authenticate(request, form, now)
        token = found(form["token"], now)
        facts = replace(current(), means=callers.means(proof))
        with request_facts(facts), transaction.atomic():
            callers.use_up(proof)
            if token is not None and token.holder.pk == proof.account.id:
                actions.revoke(by=callers.actor(proof), token=token, at=now)
    except OAuthError as error:
        refusals.note(error, now, at=At.REVOCATION)
        return error.response()
    count(proof, now)
    return HttpResponse(status=HTTPStatus.OK, headers=NO_STORE, content_type=CONTENT_TYPE)
