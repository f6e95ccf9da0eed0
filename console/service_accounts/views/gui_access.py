from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import gui_access
from accounts.integrations import queries as integrations
from accounts.lib.errors import DomainError
from accounts.models import ServiceAccount
from accounts.service_accounts import queries
from console.service_accounts import attention
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.impact import uses_of
from tokens.service_accounts import gui_access as readiness
from tokens.usage import queries as usage


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """Let the account sign in nowhere; what it takes away is named first."""
    account = _load(request, account_id)
    if not gui_access.may_remove(request.user, account.identity):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    early = attention.missing_to_remove(account)
    waits = bool(early) and not gui_access.may_restore(request.user, account.identity)
    if request.method == "POST":
        try:
            readiness.remove(by=request.user, identity=account.identity, at=timezone.now())
        except readiness.NotReady:
            waits = True
        else:
            said = _("%(name)s is for web services only. Its keys and tokens go on working.")
            messages.success(request, said % {"name": account.name})
            return redirect("service_accounts:detail", account.pk)
    consequences = [
        _("It signs in no more: not by password, nor by a link that is out already."),
        _("Whoever is signed in as it now is signed out."),
        _("Its keys, personal access tokens and issued tokens go on working."),
        _("An administrator can give it back."),
    ]
    impact = usage.impact(account, timezone.now())
    context = {
        "account": account,
        "sees_all": may(request.user, Permission.SERVICE_ACCOUNT_VIEW_ALL),
        "early": early,
        "waits": waits,
        "consequences": consequences,
        "uses": uses_of(impact, integrations.of_account(account)),
        "live_tokens": impact.live_tokens,
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "service_accounts/remove_gui_access.html", context, status=status)


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@step_up
@require_http_methods(["POST"])
def restore(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """Let the account sign in again, with the password that it has."""
    account = _load(request, account_id)
    try:
        gui_access.restore(by=request.user, identity=account.identity, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("%(name)s may sign in again.")
        messages.success(request, said % {"name": account.name})
    return redirect("service_accounts:detail", account.pk)


def _load(request: ConsoleRequest, account_id: UUID) -> ServiceAccount:
    return get_object_or_404(queries.visible_to(request.user), pk=account_id)
