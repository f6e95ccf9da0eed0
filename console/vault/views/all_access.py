"""Turning All-Access Mode on and off."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.vault.all_access import actions, policies
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted
from console.vault.all_access import KEY, AllAccessForm, session_id


@requires(Permission.VAULT_ALL_ACCESS)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: ConsoleRequest) -> HttpResponse:
    form = AllAccessForm(request.POST or None)
    made = submitted(
        form,
        lambda: actions.start(
            by=request.user,
            session=session_id(request),
            reason=form.cleaned_data["reason"],
            lasting=timedelta(minutes=int(form.cleaned_data["lasting"])),
            at=timezone.now(),
        ),
    )
    if made is not None:
        request.session[KEY] = str(made.pk)
        messages.success(request, _("All-Access Mode is on. The Owner of the tenant is told."))
        return redirect("vault:list")
    context = {"form": form, "period": policies.period_of(request.user)}
    return render(request, "vault/all_access.html", context)


@requires(Permission.VAULT_ALL_ACCESS)
@require_POST
def stop(request: ConsoleRequest) -> HttpResponse:
    if actions.stop(by=request.user, at=timezone.now()):
        messages.success(request, _("All-Access Mode is off."))
    request.session.pop(KEY, None)
    return redirect("vault:list")
