from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.integrations import queries as integrations
from accounts.lib.errors import DomainError
from accounts.models import AccessRequest, ServiceAccount
from console.credentials.forms import RegenerateForm
from console.ui import once
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.impact import uses_of
from tokens.credentials import actions, pickups, policies, queries
from tokens.credentials.actions import AlreadySubmitted
from tokens.models import Credential, KeyPickup
from tokens.usage import queries as usage
from tokens.usage.declared import may_use


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def regenerate(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    account = get_object_or_404(ServiceAccount.objects.visible_to(request.user), pk=account_id)
    now = timezone.now()
    impact = usage.impact(account, now, keys_only=True)
    declared = list(integrations.of_account(account))
    form = RegenerateForm(
        request.POST or None, account=account, in_use=bool(impact.consumers or declared), now=now
    )
    if form.is_valid():
        try:
            issued = actions.regenerate(
                by=request.user,
                account=account,
                choice=form.choice(),
                keep_old_for=form.keep_old_for(),
                revoke_tokens=form.cleaned_data["revoke_tokens"],
                within=None,
                at=now,
                submission=form.cleaned_data["submission"],
            )
        except AlreadySubmitted as error:
            return once.already_submitted(request, error)
        except DomainError as error:
            if not form.explain(error):
                form.add_error(None, error.message)
        else:
            return once.show_once(request, issued, title=_("Key successfully created!"))
    context = {
        "account": account,
        "form": form,
        "consequences": _regenerate_consequences(account, now),
        "uses": uses_of(impact, declared),
        "live_tokens": impact.live_tokens,
    }
    return render(request, "credentials/regenerate.html", context)


def _regenerate_consequences(account: ServiceAccount, now: datetime) -> list[str]:
    keys = list(queries.usable_keys(account, now).values_list("key_id", flat=True))
    if not keys:
        return [_("No key works at present, so nothing can stop: the new key is the only one.")]
    return [
        ngettext(
            "One key works at present (%(kids)s). It stops at the time that you choose below.",
            "%(count)d keys work at present (%(kids)s). They stop at the time that you choose "
            "below.",
            len(keys),
        )
        % {"count": len(keys), "kids": ", ".join(key[:12] for key in keys)},
        _(
            "Integrations that sign with the old key then fail to get a token, until they are "
            "given the new one."
        ),
        _(
            "Tokens issued before live until they expire, 15 minutes at most, unless you revoke "
            "them."
        ),
    ]


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def revoke(request: ConsoleRequest, account_id: UUID, credential_id: UUID) -> HttpResponse:
    account = get_object_or_404(ServiceAccount.objects.visible_to(request.user), pk=account_id)
    keys = queries.visible_to(request.user).filter(identity_id=account.pk)
    credential = get_object_or_404(keys, pk=credential_id)
    now = timezone.now()
    if request.method == "POST":
        actions.revoke(by=request.user, credential=credential, at=now)
        messages.success(
            request,
            _("The key %(kid)s of “%(name)s” is revoked.")
            % {"kid": credential.key_id, "name": account.name},
        )
        return redirect(once.account_url(account))
    impact = usage.impact(account, now, keys_only=True)
    consumers = [c for c in impact.consumers if credential.key_id in c.key_ids]
    affected = may_use(integrations.of_account(account), consumers)
    others = queries.usable_keys(account, now).exclude(pk=credential.pk).count()
    context = {
        "account": account,
        "credential": credential,
        "facts": _key_facts(credential),
        "is_revoked": credential.revoked_at is not None,
        "is_last": not others and queries.usable_keys(account, now).exists(),
        "consequences": _revoke_consequences(others),
        "uses": uses_of(replace(impact, consumers=consumers), affected),
        "live_tokens": impact.live_tokens,
    }
    return render(request, "credentials/revoke.html", context)


def _key_facts(credential: Credential) -> list[dict[str, Any]]:
    return [
        {"label": _("Key ID (kid)"), "value": credential.key_id, "copy": True},
        {"label": _("Algorithm"), "value": credential.algorithm},
        {"label": _("Created"), "at": credential.created_at},
        {"label": _("Last used"), "at": credential.last_used_at, "missing": _("Never used")},
        {"label": _("Stops by itself"), "at": credential.ends_at, "missing": _("No expiry")},
    ]


def _revoke_consequences(others: int) -> list[str]:
    told = [
        _("No token is issued for this key any more, from now on and for good."),
        _(
            "Tokens that were issued for it are refused at their next use here. Other services "
            "may take them until they expire, 15 minutes at most."
        ),
    ]
    if others:
        told.append(
            ngettext("One other key goes on working.", "%(n)d other keys go on working.", others)
            % {"n": others}
        )
    return told


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_POST
def stored(request: ConsoleRequest, credential_id: UUID) -> HttpResponse:
    """Done on the page of a new key; it wants the tick."""
    credential = get_object_or_404(queries.visible_to(request.user), pk=credential_id)
    account = ServiceAccount.objects.get(pk=credential.identity_id)
    if not policies.may_confirm_stored(request.user, account, credential):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    url = _next_url(request, account)
    if request.POST.get("stored") != "on":
        return _ask_for_tick(request, account, credential, url)
    actions.confirm_stored(by=request.user, credential=credential, at=timezone.now())
    messages.success(request, _("The key of “%(name)s” is stored.") % {"name": account.name})
    return redirect(url)


def _next_url(request: ConsoleRequest, account: ServiceAccount) -> str:
    url = request.POST.get("next", "")
    local = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if local else once.account_url(account)


def _ask_for_tick(
    request: ConsoleRequest, account: ServiceAccount, credential: Credential, url: str
) -> HttpResponse:
    may_regenerate = policies.may_issue(request.user)
    context = {
        "account": account,
        "credential": credential,
        "next": url,
        "may_regenerate": may_regenerate,
    }
    return render(request, "credentials/stored.html", context)


@requires(Permission.KEY_CLAIM)
@require_http_methods(["GET", "POST"])
def pickup(request: ConsoleRequest, pickup_id: UUID) -> HttpResponseBase:
    """The owner's own page. For anybody else it does not exist, whatever they may otherwise do."""
    offer = get_object_or_404(queries.offered_to(request.user), pk=pickup_id)
    account = ServiceAccount.objects.existing().filter(pk=offer.identity_id).first()
    if account is None:
        raise Http404
    if not queries.waiting_for(request.user, timezone.now()).filter(pk=offer.pk).exists():
        return _over(request, account, offer)
    return _claim(request, account, offer)


@step_up
def _claim(request: ConsoleRequest, account: ServiceAccount, offer: KeyPickup) -> HttpResponse:
    error = None
    now = timezone.now()
    if request.method == "POST":
        try:
            issued = actions.claim(by=request.user, pickup=offer, within=None, at=now)
        except policies.NotYourPickup:
            return _over(request, account, offer)
        except DomainError as refusal:
            error = refusal
        else:
            return once.show_once(request, issued, title=_("Key successfully created!"))
    context = {
        "account": account,
        "offer": offer,
        "asked": _asked(request, offer),
        "error": error,
        "key_expires_at": now + offer.key_lifetime if offer.key_lifetime else None,
        "old_keys": queries.usable_keys(account, now).count(),
        "old_stop_at": now + offer.keep_old_for if offer.keep_old_for else None,
    }
    return render(request, "credentials/pickup.html", context)


def _asked(request: ConsoleRequest, offer: KeyPickup) -> AccessRequest | None:
    """The request of this person from which an offer came, where it came from one."""
    theirs = AccessRequest.objects.filter(requester=request.user)
    return theirs.filter(result__pickup=str(offer.pk)).first()


def _over(request: ConsoleRequest, account: ServiceAccount, offer: KeyPickup) -> HttpResponse:
    """The offer was used, withdrawn, replaced, or has lapsed; nothing can be got here any more."""
    offer.refresh_from_db()
    is_owner = account.owner_id == request.user.pk
    context = {"account": account if is_owner else None, "offer": offer}
    return render(request, "credentials/pickup_over.html", context, status=HTTPStatus.GONE)


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@require_POST
def withdraw(request: ConsoleRequest, pickup_id: UUID) -> HttpResponse:
    accounts = ServiceAccount.objects.visible_to(request.user)
    offer = get_object_or_404(
        KeyPickup.objects.filter(identity__service_account__in=accounts), pk=pickup_id
    )
    account = accounts.get(pk=offer.identity_id)
    if pickups.withdraw(by=request.user, pickup=offer, at=timezone.now()):
        text = _("The offer of a key for “%(name)s” is withdrawn.")
        messages.success(request, text % {"name": account.name})
    else:
        text = _("The offer of a key for “%(name)s” was over already.")
        messages.info(request, text % {"name": account.name})
    return redirect(once.account_url(account))
