"""Second factors of others: an administrator takes them from whoever lost them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.identities import queries as identities
from accounts.lib.errors import DomainError
from accounts.second_factors import actions, queries
from console.ui.access import ConsoleRequest, requires, step_up


@requires(Permission.IDENTITY_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def remove_all(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = get_object_or_404(identities.visible_to(request.user), pk=identity_id)
    if request.method == "POST":
        try:
            actions.remove_all(by=request.user, identity=identity, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            said = _("%(name)s has no second factor any more, and is signed out everywhere.")
            messages.success(request, said % {"name": identity})
        return redirect("identities:detail", identity.pk)
    context = {"identity": identity, "factors": queries.of(identity)}
    return render(request, "second_factors/remove_all.html", context)
