from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from console.provisioning import once
from console.provisioning.forms import NewForm, RotateForm
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from tokens.credentials.actions import AlreadySubmitted
from tokens.models import Credential
from tokens.provisioning import actions, policies, queries


@requires(Permission.TENANT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    context = {
        "clients": queries.for_list(timezone.now()),
        "base_url": once.base_url(),
        "may_manage": policies.may_manage(request.user),
    }
    return render(request, "provisioning/list.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    form, now = NewForm(request.POST or None), timezone.now()
    if form.is_valid():
        try:
            issued = actions.add_client(
                by=request.user,
                name=form.cleaned_data["name"],
                groups=form.cleaned_data["groups"],
                expires_at=form.expires_at(now),
                at=now,
                submission=form.cleaned_data["submission"],
            )
        except AlreadySubmitted:
            return once.already_submitted(request)
        except DomainError as error:
            add_error(form, error)
        else:
            return once.show_once(request, issued)
    return render(request, "provisioning/new.html", {"form": form})


@requires(Permission.TENANT_VIEW)
@require_safe
def detail(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = _tokens_of(account_id)
    client = queries.client_of(found[0], now)
    context = {
        "client": client,
        "base_url": once.base_url(),
        "tokens": [{"token": token, "state": token.status_at(now)} for token in found],
        "may_manage": policies.may_manage(request.user),
        "keeps_groups": any(scope in client.token.scopes for scope in policies.GROUPS),
    }
    return render(request, "provisioning/detail.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def rotate(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    token, now = _tokens_of(account_id)[0], timezone.now()
    form = RotateForm(request.POST or None)
    if form.is_valid():
        try:
            issued = actions.rotate(
                by=request.user,
                token=token,
                keep_old_for=form.overlap(),
                expires_at=form.expires_at(now),
                at=now,
                submission=form.cleaned_data["submission"],
            )
        except AlreadySubmitted:
            return once.already_submitted(request)
        except DomainError as error:
            add_error(form, error)
        else:
            return once.show_once(request, issued)
    account = token.identity.service_account
    context = {"form": form, "account": account, "is_revoked": bool(token.revoked_at)}
    return render(request, "provisioning/rotate.html", context)


@requires(Permission.TENANT_MANAGE)
@require_POST
def stored(request: ConsoleRequest, provisioning_token_id: UUID) -> HttpResponse:
    """Done on the page of a new token; it wants the tick."""
    token = get_object_or_404(queries.tokens(), pk=provisioning_token_id)
    url = reverse("provisioning:detail", args=[token.identity_id])
    if request.POST.get("stored") != "on":
        return render(request, "provisioning/stored.html", {"token": token, "next": url})
    actions.confirm_stored(by=request.user, token=token, at=timezone.now())
    messages.success(request, _("The token of “%(name)s” is stored.") % {"name": token.name})
    return redirect(url)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def revoke(request: ConsoleRequest, provisioning_token_id: UUID) -> HttpResponse:
    token = get_object_or_404(queries.tokens(), pk=provisioning_token_id)
    if request.method == "POST":
        actions.revoke(by=request.user, token=token, at=timezone.now())
        messages.success(request, _("The token is revoked: it works no longer."))
        return redirect("provisioning:detail", token.identity_id)
    return render(request, "provisioning/revoke.html", {"token": token, "facts": _facts(token)})


def _tokens_of(account_id: UUID) -> list[Credential]:
    """The newest first; 404 where the account is no provisioning client."""
    found = queries.tokens_of(account_id)
    if not found:
        raise Http404
    return found


def _facts(token: Credential) -> list[dict[str, Any]]:
    return [
        {"label": _("Provisioning client"), "value": token.name},
        {"label": _("Made"), "at": token.created_at},
        {"label": _("Last used"), "at": token.last_used_at, "missing": _("Never used")},
    ]
