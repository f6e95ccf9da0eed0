"""Revoking the access tokens that were issued, of one personal access token or of a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import queries as identities
from accounts.integrations import queries as integrations
from accounts.models import Identity
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.impact import uses_of
from tokens.access_tokens import actions as access_tokens
from tokens.access_tokens.policies import may_revoke_all
from tokens.models import Credential
from tokens.personal_access_tokens import actions, policies, queries
from tokens.usage import queries as usage
from tokens.usage.declared import may_use


@requires(Permission.TOKEN_OWN)
@step_up
@require_http_methods(["GET", "POST"])
def of_token(request: ConsoleRequest, token_id: UUID) -> HttpResponse:
    token, now = get_object_or_404(queries.visible_to(request.user), pk=token_id), timezone.now()
    if not policies.may_revoke(request.user, token):
        refuse(request, Permission.TOKEN_REVOKE_ALL)
    page = reverse("personal_access_tokens:detail", args=[token.pk])
    if request.method == "POST":
        return _revoke_of(request, token, page, now)
    impact = usage.impact(policies.subject_of(token.identity), now, token=token)
    context = _question(token.identity, impact) | {
        "whose": token.name,
        "crumbs": [(reverse("personal_access_tokens:list"), _("Personal access tokens"))],
        "page": page,
        "over": bool(token.revoked_at),
        "consequences": _consequences(
            _(
                "The personal access token goes on working: whoever has its secret can ask for a "
                "new access token at once. If the secret may have leaked, revoke the token itself."
            )
        ),
    }
    return render(request, "personal_access_tokens/revoke_issued.html", context)


def _revoke_of(
    request: ConsoleRequest, token: Credential, page: str, now: datetime
) -> HttpResponse:
    try:
        actions.revoke_issued(by=request.user, token=token, at=now)
    except actions.TokenGone:
        messages.info(request, _("This token is revoked, and all that was issued for it."))
    else:
        said = _("Every access token issued for “%(name)s” so far is refused from now on.")
        messages.success(request, said % {"name": token.name})
    return redirect(page)


@requires(Permission.TOKEN_OWN)
@step_up
@require_http_methods(["GET", "POST"])
def of_identity(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """One's own, or another person's; a service account has a page of its own for it."""
    seen = identities.visible_to(request.user)
    person, now = get_object_or_404(seen, pk=identity_id), timezone.now()
    if not person.is_person:
        return redirect("service_accounts:revoke_tokens", person.pk)
    if not may_revoke_all(request.user, person):
        refuse(request, Permission.TOKEN_REVOKE_ALL)
    is_self = person.pk == request.user.pk
    page = (
        f"{reverse('personal_access_tokens:list')}?whose=mine"
        if is_self
        else reverse("identities:detail", args=[person.pk])
    )
    if request.method == "POST":
        access_tokens.revoke_all(by=request.user, holder=person, at=now)
        said = _("Every access token issued to %(name)s so far is refused from now on.")
        messages.success(request, said % {"name": person.display_name})
        return redirect(page)
    context = _question(person, usage.impact(person, now)) | {
        "whose": person.display_name,
        "crumbs": _way_to(request.user, is_self=is_self),
        "page": page,
        "consequences": _consequences(
            _(
                "Personal access tokens go on working: whoever has the secret of one can ask for "
                "a new access token at once. If a secret may have leaked, revoke that token."
            )
        ),
    }
    return render(request, "personal_access_tokens/revoke_issued.html", context)


def _way_to(person: Identity, *, is_self: bool) -> list[tuple[str, str]]:
    if is_self or not may(person, Permission.IDENTITY_VIEW):
        return []
    return [(reverse("identities:list"), _("Identities"))]


def _question(holder: Identity, impact: usage.Impact) -> dict[str, Any]:
    affected = may_use(integrations.of_account(holder), impact.consumers)
    return {"uses": uses_of(impact, affected), "live_tokens": impact.live_tokens}


def _consequences(stays: str) -> list[str]:
    return [
        _("Every access token issued so far is refused at its next call."),
        stays,
        _("Other services that check tokens by themselves may take them until they expire."),
    ]
