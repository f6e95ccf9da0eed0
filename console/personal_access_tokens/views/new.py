from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import queries as service_accounts
from console.personal_access_tokens import once
from console.personal_access_tokens.forms import NewForm
from console.personal_access_tokens.searching import opened_or_sent
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import add_error
from tokens.credentials.actions import AlreadySubmitted, check_not_submitted
from tokens.models import Credential
from tokens.personal_access_tokens import actions, policies, queries
from tokens.scopes.effective import of_identity


@requires(Permission.TOKEN_OWN)
@step_up
@require_http_methods(["GET", "POST"])
def for_oneself(request: ConsoleRequest) -> HttpResponse:
    return _new(request, request.user, None)


@requires(Permission.TOKEN_OWN)
@require_http_methods(["GET", "POST"])
def for_account(request: ConsoleRequest, account_id: UUID) -> HttpResponseBase:
    """A token of a service account, for whoever answers for it, who need not sign in as it.

    Who may not is refused before they are asked for their password.
    """
    account = get_object_or_404(service_accounts.visible_to(request.user), pk=account_id)
    if not policies.may_make_for(request.user, account.identity):
        told = policies.why_not_for(request.user, account.identity)
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE, told=told)
    return _new_confirmed(request, account.identity, account)


def _new(request: ConsoleRequest, holder: Identity, account: ServiceAccount | None) -> HttpResponse:
    now, list_url = timezone.now(), list_url_of(request, holder)
    form = opened_or_sent(NewForm, request, held=of_identity(holder), now=now)
    try:
        if form.is_bound:
            # after the form was judged: it may be its own first submission that took the name
            form.is_valid()
            check_not_submitted(form.cleaned_data.get("submission"))
        if form.is_valid():
            issued = actions.create(
                by=request.user,
                holder=holder,
                draft=form.draft(),
                within=None,
                at=now,
                submission=form.cleaned_data["submission"],
            )
            return once.show_once(request, issued, done_url=list_url)
    except AlreadySubmitted:
        return once.already_submitted(request, list_url=list_url)
    except DomainError as error:
        add_error(form, error)
    context = _context(form, holder, account, now) | {"list_url": list_url}
    return render(request, "personal_access_tokens/new.html", context)


_new_confirmed = step_up(_new)


def _context(
    form: NewForm, holder: Identity, account: ServiceAccount | None, now: datetime
) -> dict[str, Any]:
    told: dict[str, Any] = {"account": account, "holder": holder}
    try:
        policies.check_holder_takes_tokens(holder, now)
        actions.check_room(holder)
    except actions.TooManyTokens as error:
        return told | {"refusal": error.message, "is_full": True}
    except DomainError as error:
        return told | {"refusal": error.message}
    return told | {"form": form, "sections": form.sections}


def list_url_of(request: ConsoleRequest, holder: Identity) -> str:
    """The list on which a token of this holder stands for this person."""
    if holder.pk == request.user.pk:
        return reverse("personal_access_tokens:list") + "?whose=mine"
    return reverse("service_accounts:tokens", args=[holder.pk])


@requires(Permission.TOKEN_OWN)
@require_POST
def stored(request: ConsoleRequest, token_id: UUID) -> HttpResponse:
    """Done on the page of a new token; it wants the tick."""
    token = get_object_or_404(queries.visible_to(request.user), pk=token_id)
    if not policies.may_have_seen(request.user, token):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    url = _next_url(request, token)
    if request.POST.get("stored") != "on":
        context = {"token": token, "next": url}
        return render(request, "personal_access_tokens/stored.html", context)
    actions.confirm_stored(by=request.user, token=token, at=timezone.now())
    messages.success(request, _("The secret of “%(name)s” is stored.") % {"name": token.name})
    return redirect(url)


def _next_url(request: ConsoleRequest, token: Credential) -> str:
    url = request.POST.get("next", "")
    local = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if local else reverse("personal_access_tokens:detail", args=[token.pk])
