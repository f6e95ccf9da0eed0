from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from console.personal_access_tokens.forms import EditForm
from console.personal_access_tokens.searching import opened_or_sent
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import submitted
from tokens.models import Credential
from tokens.personal_access_tokens import actions, policies, queries
from tokens.scopes.effective import of_identity


@requires(Permission.TOKEN_OWN)
@step_up
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(queries.visible_to(request.user), pk=token_id)
    if not policies.may_make_for(request.user, token.identity):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    now = timezone.now()
    form = opened_or_sent(
        EditForm,
        request,
        now=now,
        expires_at=token.expires_at,
        initial={"name": token.name, "scopes": token.scopes},
        held=of_identity(token.identity),
        kept=token.scopes,
    )
    saved = submitted(
        form,
        lambda: actions.edit(by=request.user, token=token, within=None, at=now, **form.changes()),
    )
    if saved is not None:
        messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
        return redirect("personal_access_tokens:detail", saved.pk)
    context = {
        "token": token,
        "holder": token.identity,
        "form": form,
        "sections": form.sections,
    }
    return render(request, "personal_access_tokens/edit.html", context)


@requires(Permission.TOKEN_OWN)
@step_up
@require_http_methods(["GET", "POST"])
def revoke(request: ConsoleRequest, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(queries.visible_to(request.user), pk=token_id)
    if not policies.may_revoke(request.user, token):
        refuse(request, Permission.TOKEN_REVOKE_ALL)
    if request.method == "POST":
        actions.revoke(by=request.user, token=token, at=timezone.now())
        messages.success(
            request, _("“%(name)s” is revoked: it works no longer.") % {"name": token.name}
        )
        return redirect("personal_access_tokens:detail", token.pk)
    context = {"token": token, "consequences": _consequences(), "facts": _facts(token)}
    return render(request, "personal_access_tokens/revoke.html", context)


def _consequences() -> list[str]:
    return [
        _("No access token is issued for it any more, from now on and for good."),
        _(
            "Access tokens that it was traded for are refused here at their next use. Other "
            "services may take them until they expire."
        ),
        _("Whatever uses it fails until it is given another token."),
    ]


def _facts(token: Credential) -> list[dict[str, Any]]:
    return [
        {"label": _("ID (client ID)"), "value": token.client_id, "copy": True},
        {"label": _("Acts for"), "value": token.identity.display_name},
        {"label": _("Scopes"), "value": " ".join(token.scopes), "mono": True},
        {"label": _("Last used"), "at": token.last_used_at, "missing": _("Never used")},
    ]
