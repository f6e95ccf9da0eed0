from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.errors import DomainError
from accounts.models import SignInProvider
from accounts.sign_in_providers import actions, queries, secrets, sso_only
from accounts.sign_in_providers.kinds import kinds
from console.sign_in_providers.forms import ProviderForm
from console.ui import sso
from console.ui.access import ConsoleRequest, requires, step_up, step_up_first
from console.ui.errors import submitted


@requires(Permission.TENANT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    held = sso_only.current()
    context = {
        "providers": queries.for_list(),
        "kinds": [{"key": key, "label": kind.label} for key, kind in kinds.items()],
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
        "sso_only": held,
        "named": sso_only.named_people(held),
    }
    return render(request, "sign_in_providers/list.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up_first
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
def new(request: ConsoleRequest, provider_kind: str) -> HttpResponse:
    if provider_kind not in kinds:
        raise Http404
    part = kinds.get(provider_kind)
    form = ProviderForm(request.POST or None, part=part)
    made = submitted(
        form,
        lambda: actions.add(
            by=request.user,
            kind=provider_kind,
            issuer=form.cleaned_data["issuer"],
            draft=form.draft(),
            at=timezone.now(),
        ),
    )
    if made is not None:
        said = _("%(name)s is set up. Try it, then enable it.")
        messages.success(request, said % {"name": made.name})
        return redirect("sign_in_providers:detail", made.pk)
    return render(request, "sign_in_providers/form.html", {"form": form, "part": part})


@requires(Permission.TENANT_VIEW)
@require_safe
def detail(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    context = {
        "provider": provider,
        "facts": _facts(provider),
        "for_it": sso.told_to_provider(provider),
        "linked": provider.links.count(),
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "sign_in_providers/detail.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up_first
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
def edit(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    form = ProviderForm(request.POST or None, part=provider.part, provider=provider)
    changed = submitted(
        form,
        lambda: actions.edit(
            by=request.user,
            provider=provider,
            draft=form.draft(),
            revision=form.cleaned_data["revision"] or 0,
            at=timezone.now(),
        ),
    )
    if changed is not None:
        messages.success(request, _("The changes are saved."))
        return redirect("sign_in_providers:detail", provider.pk)
    context = {"form": form, "part": provider.part, "provider": provider}
    return render(request, "sign_in_providers/form.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_POST
def enable(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    try:
        actions.enable(by=request.user, provider=provider, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("%(name)s is enabled: it stands on the page of sign-in now.")
        messages.success(request, said % {"name": provider.name})
    return redirect("sign_in_providers:detail", provider.pk)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_POST
def disable(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    try:
        actions.disable(by=request.user, provider=provider, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("%(name)s lets nobody in any more.")
        messages.success(request, said % {"name": provider.name})
    return redirect("sign_in_providers:detail", provider.pk)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, provider_id: UUID) -> HttpResponse:
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    if request.method == "POST":
        try:
            actions.remove(by=request.user, provider=provider, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("sign_in_providers:detail", provider.pk)
        messages.success(request, _("%(name)s is removed.") % {"name": provider.name})
        return redirect("sign_in_providers:list")
    context = {"provider": provider, "linked": provider.links.count()}
    return render(request, "sign_in_providers/remove.html", context)


def _facts(provider: SignInProvider) -> list[dict[str, Any]]:
    part = provider.part
    facts: list[dict[str, Any]] = [
        {"label": _("Kind"), "value": part.label},
        {"label": part.issuer_label, "value": provider.issuer, "copy": True},
    ]
    for setting in part.settings:
        if not setting.multiline:
            value = provider.config.get(setting.name, "") or _("None")
            facts.append({"label": setting.label, "value": value})
    if part.secret_label:
        value = _("Set") if secrets.is_set(provider) else _("None")
        facts.append({"label": part.secret_label, "value": value})
    by_email = _("Yes") if provider.links_by_email else _("No")
    counts = _("Yes") if provider.counts_second_factor else _("No")
    return [
        *facts,
        {"label": _("Links by verified e-mail"), "value": by_email},
        {"label": _("Its second factor counts"), "value": counts},
        {"label": _("Last answer believed"), "at": provider.worked_at, "missing": _("Never")},
    ]
