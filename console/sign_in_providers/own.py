"""One's own accounts at sign-in providers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import SignInProvider, SsoLink
from accounts.sealing import SealBroken
from accounts.sign_in_providers import linking, queries
from console.ui import sso
from console.ui.access import ConsoleRequest, requires, step_up


@requires(Permission.CONSOLE_OPEN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    links = queries.links_of(request.user)
    linked = {link.provider_id for link in links}
    context = {
        "links": links,
        "others": [each for each in queries.offered() if each.pk not in linked],
    }
    return render(request, "sign_in_providers/own.html", context)


@requires(Permission.CONSOLE_OPEN)
@step_up
@require_POST
def link(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    provider = get_object_or_404(SignInProvider.objects.enabled(), pk=provider_id)
    try:
        address = sso.begin(request, provider, purpose=sso.LINK, path="/", at=timezone.now())
    except (DomainError, SealBroken):
        said = _("%(name)s cannot be reached, or is not set up right. Try again later.")
        messages.error(request, said % {"name": provider.name})
        return redirect("sign_in_providers:own")
    return sso.onward(request, provider, address)


@requires(Permission.CONSOLE_OPEN)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: ConsoleRequest, sso_link_id: UUID) -> HttpResponse:
    mine = SsoLink.objects.select_related("provider", "identity").filter(identity=request.user)
    found = get_object_or_404(mine, pk=sso_link_id)
    if request.method == "POST":
        try:
            linking.unlink(by=request.user, link=found, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            said = _("You do not sign in by %(name)s any more.")
            messages.success(request, said % {"name": found.provider.name})
        return redirect("sign_in_providers:own")
    return render(request, "sign_in_providers/unlink.html", {"link": found})
