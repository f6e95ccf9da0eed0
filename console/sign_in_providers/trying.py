"""Trying a provider before people depend on it: it is really asked, and really signed in at."""

from __future__ import annotations

from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import SignInProvider
from accounts.sealing import SealBroken
from console.ui import sso
from console.ui.access import ConsoleRequest, requires, step_up


def _is_too_often(request: ConsoleRequest, provider: SignInProvider) -> bool:
    fine = ratelimit.consume(request, action="try_source", key=str(provider.pk), user=request.user)
    if not fine:
        messages.error(request, _("That was tried too often. Wait a minute, then try again."))
    return not fine


@requires(Permission.TENANT_MANAGE)
@require_POST
def look(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    """Ask the provider what it says of itself."""
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    if _is_too_often(request, provider):
        return redirect("sign_in_providers:detail", provider.pk)
    try:
        found = provider.part.look_at(sso.facts_of(provider))
    except (DomainError, SealBroken) as error:
        messages.error(request, _("It does not work yet. %(why)s") % {"why": error})
        return redirect("sign_in_providers:detail", provider.pk)
    context = {
        "provider": provider,
        "facts": [{"label": label, "value": value} for label, value in found],
        "back": reverse("sign_in_providers:detail", args=[provider.pk]),
    }
    return render(request, "sign_in_providers/looked.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_POST
def try_(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    """Sign in there, and be shown what it says; nobody is let in by that."""
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    if _is_too_often(request, provider):
        return redirect("sign_in_providers:detail", provider.pk)
    try:
        address = sso.begin(request, provider, purpose=sso.TRY, path="/", at=timezone.now())
    except (DomainError, SealBroken) as error:
        messages.error(request, _("It does not work yet. %(why)s") % {"why": error})
        return redirect("sign_in_providers:detail", provider.pk)
    return sso.onward(request, provider, address)
