from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.integrations import queries as integrations
from accounts.models import ServiceAccount
from accounts.service_accounts import actions, queries
from accounts.service_accounts.states import Status
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.impact import uses_of
from console.ui.typed_name import TypedNameForm
from tokens.access_tokens import actions as access_tokens
from tokens.access_tokens.policies import may_revoke_all
from tokens.apis.queries import asking_as
from tokens.service_accounts import actions as with_tokens
from tokens.usage import queries as usage


def _load(request: ConsoleRequest, account_id: UUID) -> ServiceAccount:
    return get_object_or_404(queries.visible_to(request.user), pk=account_id)


def _asking(account: ServiceAccount, consequences: list[str]) -> dict[str, Any]:
    """What the question before an act shows."""
    impact = usage.impact(account, timezone.now())
    return {
        "account": account,
        "is_enabled": account.identity.disabled_at is None,
        "consequences": consequences,
        "uses": uses_of(impact, integrations.of_account(account)),
        "live_tokens": impact.live_tokens,
    }


def _of_apis(account: ServiceAccount) -> list[str]:
    """What it means for APIs of the tenant that ask about tokens as this account."""
    names = asking_as(account)
    if not names:
        return []
    said = ngettext(
        "The API %(names)s can no longer ask whether a token still holds.",
        "The APIs %(names)s can no longer ask whether a token still holds.",
        len(names),
    )
    return [said % {"names": ", ".join(names)}]


def _gone(request: ConsoleRequest, error: actions.AccountGone) -> HttpResponse:
    messages.error(request, error.message)
    return redirect("service_accounts:list")


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@require_http_methods(["GET", "POST"])
def disable(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    account = _load(request, account_id)
    if request.method == "POST":
        try:
            actions.disable(by=request.user, account=account, at=timezone.now())
        except actions.AccountGone as error:
            return _gone(request, error)
        said = _("%(name)s is disabled: its keys and tokens no longer work.")
        messages.success(request, said % {"name": account.name})
        return redirect("service_accounts:detail", account.pk)
    consequences = [
        _("Every key and every issued token of it stops working at once."),
        _("Nothing is lost: Enable lets all of them work again."),
        *_of_apis(account),
    ]
    return render(request, "service_accounts/disable.html", _asking(account, consequences))


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@require_POST
def enable(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    account = _load(request, account_id)
    now = timezone.now()
    try:
        actions.enable(by=request.user, account=account, at=now)
    except actions.AccountGone as error:
        return _gone(request, error)
    account.refresh_from_db()
    if account.status_at(now) == Status.ENDED:
        said = _("%(name)s is enabled, but has ended. Change its end date to use it again.")
        messages.warning(request, said % {"name": account.name})
    else:
        said = _("%(name)s is enabled: its keys work again.")
        messages.success(request, said % {"name": account.name})
    return redirect("service_accounts:detail", account.pk)


@requires(Permission.TOKEN_OWN)
@step_up
@require_http_methods(["GET", "POST"])
def revoke_tokens(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    account = _load(request, account_id)
    if not may_revoke_all(request.user, account):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    if request.method == "POST":
        access_tokens.revoke_all(by=request.user, holder=account, at=timezone.now())
        said = _("Every access token issued to %(name)s so far is refused from now on.")
        messages.success(request, said % {"name": account.name})
        return redirect("service_accounts:detail", account.pk)
    consequences = [
        _("Every access token issued so far is refused at its next call."),
        _(
            "Its keys and personal access tokens go on working: whoever holds one can ask for a "
            "new access token at once."
        ),
        _("Other services that check tokens by themselves may take them until they expire."),
    ]
    return render(request, "service_accounts/revoke_tokens.html", _asking(account, consequences))


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def delete(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    account = _load(request, account_id)
    form = TypedNameForm(request.POST or None, called=account.name)
    if form.is_valid():
        with_tokens.delete(by=request.user, account=account, at=timezone.now())
        said = _("The service account %(name)s is deleted.")
        messages.success(request, said % {"name": account.name})
        return redirect("service_accounts:list")
    consequences = [
        _("Every key and every issued token of it stops working at once, for good."),
        _("Integrations that use it fail the next time they request an access token."),
        *_of_apis(account),
        _("Its name is free again; its ID is never given to another account."),
        _("What it did stays in the audit log."),
    ]
    context = _asking(account, consequences) | {"form": form}
    return render(request, "service_accounts/delete.html", context)
