"""Signing in by a provider: on the way out, and what somebody brings back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import (
    clear_authentication_records,
    perform_login,
    record_authentication,
)
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.errors import DomainError
from accounts.models import Identity, SignInProvider
from accounts.sealing import SealBroken
from accounts.sign_in_providers import linking, queries, trying
from accounts.sign_in_providers.actions import ProviderGone
from accounts.sign_in_providers.kinds.base import Proof
from console.sign_in import events, lockout, sessions
from console.ui import sso
from console.ui.access import ConsoleRequest, public, requires
from console.ui.confirmation import confirm
from console.ui.once import never_stored
from console.ui.redirects import own_path
from console.ui.sso import Kept

NOT_ACCEPTED = gettext_lazy(
    "Signing in by %(name)s did not succeed. Try again; if it goes on, ask an administrator, who "
    "finds the cause in the audit log."
)
"""Said alike of an answer that is not believed and of an account that nobody here is linked to."""


@dataclass(frozen=True)
class Came:
    """Who came back from where, with what, and for what."""

    provider: SignInProvider
    kept: Kept
    proof: Proof
    at: datetime


@public
@require_safe
def start(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Send somebody to the provider."""
    path = own_path(request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(path)
    provider = get_object_or_404(SignInProvider.objects.enabled(), pk=provider_id)
    if not ratelimit.consume(request, action="login"):
        return lockout.too_many(request)
    sessions.expire_soon(request)
    try:
        address = sso.begin(request, provider, purpose=sso.SIGN_IN, path=path, at=timezone.now())
    except (DomainError, SealBroken) as error:
        events.provider_failed(provider, reason=str(error))
        said = _("%(name)s cannot be reached, or is not set up right. Try again later.")
        messages.error(request, said % {"name": provider.name})
        return redirect("account_login")
    answer = redirect(address)
    answer["Referrer-Policy"] = "no-referrer"
    return never_stored(answer)


@requires(Permission.CONSOLE_OPEN)
@require_POST
def confirm_at(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    """Have the provider ask anew who somebody is, in place of the password."""
    usable = {provider.pk: provider for provider in queries.usable_by(request.user)}
    provider = usable.get(provider_id)
    path = own_path(request.POST.get("next", ""), default="")
    if provider is None:
        messages.error(request, _("You are not linked to this provider."))
        return redirect(path or "/")
    try:
        address = sso.begin(request, provider, purpose=sso.CONFIRM, path=path, at=timezone.now())
    except (DomainError, SealBroken) as error:
        events.provider_failed(provider, reason=str(error))
        messages.error(request, str(NOT_ACCEPTED) % {"name": provider.name})
        return redirect(path or "/")
    return sso.onward(request, provider, address)


# whoever must set up a second factor first confirms that it is them before they do
confirm_at.without_second_factor = True  # type: ignore[attr-defined]


@public
@require_safe
def callback(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """What somebody brings back from an OpenID provider, in the address."""
    if not ratelimit.consume(request, action="login"):
        return lockout.too_many(request)
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    if provider.part.answers_by_form:
        raise Http404
    # a part that comes twice is read in two ways by two programs: then there is none
    answer = {name: values[0] for name, values in request.GET.lists() if len(values) == 1}
    return arrived(request, provider, answer.get("state", ""), answer)


def arrived(
    request: HttpRequest, provider: SignInProvider, state: str, answer: Mapping[str, str]
) -> HttpResponse:
    """Judge what came back, and do what it was fetched for."""
    now = timezone.now()
    kept = sso.take(request, provider, state, at=now)
    if kept is None:
        events.provider_failed(provider, reason="the answer to no attempt of this browser")
        messages.error(
            request, _("This took too long, or was begun in another browser. Please try again.")
        )
        return redirect("overview:show" if request.user.is_authenticated else "account_login")
    try:
        if not provider.is_enabled and kept.purpose != sso.TRY:
            raise ProviderGone
        facts = sso.facts_of(provider)
        proof = provider.part.prove(facts, kept.attempt, answer, at=now)
        return _USES[kept.purpose](request, Came(provider, kept, proof, now))
    except (DomainError, SealBroken) as error:
        return _refused(request, provider, kept, str(error))


def _refused(
    request: HttpRequest, provider: SignInProvider, kept: Kept, reason: str
) -> HttpResponse:
    person = request.user if isinstance(request.user, Identity) else None
    events.provider_failed(provider, reason=reason, person=person)
    if kept.purpose == sso.TRY and person and may(person, Permission.TENANT_MANAGE):
        messages.error(request, _("It does not work yet. %(why)s") % {"why": reason})
        return redirect("sign_in_providers:detail", provider.pk)
    messages.error(request, str(NOT_ACCEPTED) % {"name": provider.name})
    if kept.purpose == sso.SIGN_IN:
        return redirect("account_login")
    return redirect("sign_in_providers:own" if kept.purpose == sso.LINK else kept.path or "/")


def _sign_in(request: HttpRequest, came: Came) -> HttpResponse:
    person = linking.admit(provider=came.provider, proof=came.proof, at=came.at)
    clear_authentication_records(request)
    counts = came.provider.counts_second_factor and came.proof.second_factor
    facts = {"mfa": counts, "fresh": linking.is_fresh(came.proof, came.kept.attempt)}
    record_authentication(request, person, "sso", provider=came.provider.name, **facts)
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=came.kept.path))
    return answer


def _link(request: Any, came: Came) -> HttpResponse:
    try:
        made = linking.link(by=request.user, provider=came.provider, proof=came.proof, at=came.at)
    except linking.LinkedElsewhere as error:
        messages.error(request, error.message)
    else:
        said = _("You can sign in by %(name)s now, as %(account)s.")
        account = made.label or made.subject
        messages.success(request, said % {"name": came.provider.name, "account": account})
    return redirect("sign_in_providers:own")


def _confirm(request: Any, came: Came) -> HttpResponse:
    linking.confirm(
        by=request.user,
        provider=came.provider,
        proof=came.proof,
        attempt=came.kept.attempt,
        at=came.at,
    )
    confirm(request)
    request.session.cycle_key()  # as at sign-in: who had the old id has nothing now
    if came.kept.path:
        return redirect(came.kept.path)
    return render(request, "sign_in/confirmed.html")


def _try(request: Any, came: Came) -> HttpResponse:
    trying.worked(by=request.user, provider=came.provider, at=came.at)
    context = {
        "provider": came.provider,
        "facts": _told(came.proof),
        "would_find": trying.would_find(came.provider, came.proof, at=came.at),
        "back": reverse("sign_in_providers:detail", args=[came.provider.pk]),
    }
    return never_stored(render(request, "sign_in/tried.html", context))


def _told(proof: Proof) -> list[dict[str, Any]]:
    said = {True: _("Yes"), False: _("No")}
    return [
        {"label": _("Subject"), "value": proof.subject},
        {"label": _("User name"), "value": proof.label or _("None")},
        {"label": _("E-mail"), "value": proof.email or _("None")},
        {"label": _("E-mail verified there"), "value": said[proof.email_is_verified]},
        {"label": _("Second factor asked for there"), "value": said[proof.second_factor]},
    ]


_USES = {sso.SIGN_IN: _sign_in, sso.LINK: _link, sso.CONFIRM: _confirm, sso.TRY: _try}
