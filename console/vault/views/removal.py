from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.vault import actions
from console.ui.access import ConsoleRequest, requires, step_up
from console.vault import shown


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    """Put an account away; it can be restored, so nobody types its name."""
    item = shown.load_own(request, item_id)
    if request.method == "POST":
        try:
            actions.delete(by=request.user, item=item, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("vault:detail", item.pk)
        said = _("“%(label)s” is deleted. You find it under Deleted, and can restore it.")
        messages.success(request, said % {"label": item.label})
        return redirect("vault:list")
    return render(request, "vault/delete.html", {"item": item, "shares": item.shares.count() - 1})


@requires(Permission.VAULT_OWN)
@require_POST
def restore(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    try:
        actions.restore(by=request.user, item=item, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("“%(label)s” is restored.") % {"label": item.label})
    return redirect("vault:detail", item.pk)
