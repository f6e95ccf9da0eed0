"""What administrators set up: vaults, and the catalogue of applications."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Application, Vault
from accounts.vault import catalogue, vaults
from accounts.vault.local import queries as local
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import submitted
from console.vault.forms import ApplicationForm, VaultForm

METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.VAULT_MANAGE)
@require_safe
def vaults_(request: ConsoleRequest) -> HttpResponse:
    found = Vault.objects.annotate(count=Count("items")).order_by("-is_default", "name", "pk")
    own = set(local.of(request.user).values_list("pk", flat=True))
    rows = [
        {"vault": vault, "menu_id": f"menu-{vault.pk}", "is_own": vault.pk in own}
        for vault in found
    ]
    return render(request, "vault/vaults.html", {"rows": rows})


@requires(Permission.VAULT_MANAGE)
@require_http_methods(METHODS)
def new_vault(request: ConsoleRequest) -> HttpResponse:
    form = VaultForm(request.POST or None)
    made = submitted(
        form,
        lambda: vaults.create(
            by=request.user,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            at=timezone.now(),
        ),
    )
    if made is not None:
        messages.success(request, _("The vault %(name)s is added.") % {"name": made.name})
        return redirect("vault:vaults")
    return render(request, "vault/vault_form.html", {"form": form})


@requires(Permission.VAULT_MANAGE)
@require_http_methods(METHODS)
def edit_vault(request: ConsoleRequest, vault_id: UUID) -> HttpResponse:
    vault = get_object_or_404(Vault, pk=vault_id)
    initial = {
        "name": vault.name,
        "description": vault.description,
        "revision": vault.revision,
    }
    form = VaultForm(request.POST or None, initial=initial)
    saved = submitted(
        form,
        lambda: vaults.edit(
            by=request.user,
            vault=vault,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            revision=form.cleaned_data["revision"] or 0,
            at=timezone.now(),
        ),
    )
    if saved is not None:
        messages.success(request, _("The changes are saved."))
        return redirect("vault:vaults")
    return render(request, "vault/vault_form.html", {"form": form, "vault": vault})


@requires(Permission.VAULT_MANAGE)
@require_POST
def make_default(request: ConsoleRequest, vault_id: UUID) -> HttpResponse:
    vault = get_object_or_404(Vault, pk=vault_id)
    said = _("New accounts go to %(name)s.") % {"name": vault.name}
    return _done(
        request,
        lambda: vaults.make_default(by=request.user, vault=vault, at=timezone.now()),
        said,
        "vault:vaults",
    )


@requires(Permission.VAULT_MANAGE)
@require_POST
def delete_vault(request: ConsoleRequest, vault_id: UUID) -> HttpResponse:
    vault = get_object_or_404(Vault, pk=vault_id)
    said = _("The vault %(name)s is deleted.") % {"name": vault.name}
    return _done(
        request,
        lambda: vaults.delete(by=request.user, vault=vault, at=timezone.now()),
        said,
        "vault:vaults",
    )


@requires(Permission.VAULT_MANAGE)
@require_http_methods(METHODS)
def applications(request: ConsoleRequest) -> HttpResponse:
    """The catalogue, and a form by which it grows."""
    form = ApplicationForm(request.POST or None)
    made = submitted(
        form,
        lambda: vaults.add_application(
            by=request.user,
            name=form.cleaned_data["name"],
            url=form.cleaned_data["url"],
            has_saml=form.cleaned_data["has_saml"],
            at=timezone.now(),
        ),
    )
    if made is not None:
        messages.success(request, _("%(name)s is in the catalogue.") % {"name": made.name})
        return redirect("vault:applications")
    added = Application.objects.order_by("name", "pk")
    context = {"form": form, "added": added, "built_in": catalogue.built_in()}
    return render(request, "vault/applications.html", context)


@requires(Permission.VAULT_MANAGE)
@require_POST
def remove_application(request: ConsoleRequest, application_id: UUID) -> HttpResponse:
    found = get_object_or_404(Application, pk=application_id)
    said = _("%(name)s is out of the catalogue. Accounts of it stay.") % {"name": found.name}
    return _done(
        request,
        lambda: vaults.remove_application(by=request.user, application=found, at=timezone.now()),
        said,
        "vault:applications",
    )


def _done(request: ConsoleRequest, act: Callable[[], object], said: str, page: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect(page)
