"""The wizard: name and app, service account, settings, test and save; its forms change them too."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.lifecycle_integrations import actions
from accounts.lifecycle_integrations.states import NOT_TESTED
from console.lifecycle_integrations.forms import ConnectionForm, NewForm, RulesForm
from console.lifecycle_integrations.shown import load
from console.ui.access import ConsoleRequest, requires, step_up, step_up_first
from console.ui.errors import submitted


@requires(Permission.TENANT_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    form = NewForm(request.POST or None)
    made = submitted(
        form,
        lambda: actions.create(by=request.user, at=timezone.now(), **form.cleaned_data),
    )
    if made is not None:
        return redirect("lifecycle_integrations:connection", made.pk)
    return render(request, "lifecycle_integrations/new.html", {"form": form})


@requires(Permission.TENANT_MANAGE)
@step_up_first
@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponseBase:
    lifecycle = load(lifecycle_id)
    form = ConnectionForm(request.POST or None, by=request.user, lifecycle=lifecycle)
    saved = submitted(
        form,
        lambda: actions.set_connection(
            by=request.user,
            lifecycle=lifecycle,
            wanted=form.wanted(),
            revision=form.cleaned_data["revision"],
            at=timezone.now(),
        ),
    )
    if saved is not None:
        following = "test" if saved.groups.exists() else "rules"
        return redirect(f"lifecycle_integrations:{following}", saved.pk)
    context = {"form": form, "lifecycle": lifecycle, "owns_accounts": bool(form.items)}
    return render(request, "lifecycle_integrations/connection.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    form = RulesForm(request.POST or None, by=request.user, lifecycle=lifecycle)
    saved = submitted(
        form,
        lambda: actions.set_rules(
            by=request.user,
            lifecycle=lifecycle,
            wanted=form.wanted(),
            revision=form.cleaned_data["revision"],
            at=timezone.now(),
        ),
    )
    if saved is not None:
        if saved.status in NOT_TESTED:
            return redirect("lifecycle_integrations:test", saved.pk)
        messages.success(request, _("The settings are saved. Make a plan to see what they change."))
        return redirect("lifecycle_integrations:detail", saved.pk)
    context = {"form": form, "lifecycle": lifecycle, "has_groups": bool(form.listed)}
    return render(request, "lifecycle_integrations/rules.html", context)


@requires(Permission.TENANT_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def test(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    """Connect to the application, and let it be synchronized from then on."""
    lifecycle = load(lifecycle_id)
    failure = ""
    if request.method == "POST":
        try:
            found = actions.validate(by=request.user, lifecycle=lifecycle, at=timezone.now())
        except DomainError as error:
            failure = error.message
        else:
            messages.success(request, _("The connection works. %(found)s") % {"found": found})
            return redirect("lifecycle_integrations:detail", lifecycle.pk)
    context = {"lifecycle": lifecycle, "failure": failure, "has_secret": lifecycle.has_secret}
    return render(request, "lifecycle_integrations/test.html", context)
