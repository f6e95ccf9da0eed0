"""The pages of the Owner of the tenant: who that is, and handing over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import ownership
from accounts.lib.errors import DomainError
from console.tenant.forms import HandOverForm
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error


@requires(Permission.TENANT_VIEW)
@require_safe
def owner(request: ConsoleRequest) -> HttpResponse:
    """Who owns the tenant, and what that means."""
    found = ownership.owner()
    context = {
        "owner": found,
        "since": ownership.owner_since(found) if found else None,
        "may_hand_over": may(request.user, Permission.TENANT_OWN),
        "sees_identities": may(request.user, Permission.IDENTITY_VIEW),
    }
    return render(request, "tenant/owner.html", context)


@requires(Permission.TENANT_OWN)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: ConsoleRequest) -> HttpResponse:
    form = HandOverForm(request.POST or None, person=request.user)
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            ownership.hand_over(by=request.user, to=to, at=timezone.now())
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("%(name)s is the Owner now. You stay an Admin.")
            messages.success(request, said % {"name": to.display_name})
            return redirect("tenant:owner")
    return render(request, "tenant/hand_over.html", {"form": form})
