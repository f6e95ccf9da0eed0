"""One-time codes of stored accounts: the authenticator, and backup codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import BackupCode, StoredAccount
from accounts.sealing import SealBroken
from accounts.vault import codes, qr
from console.ui.access import ConsoleRequest, requires, step_up, step_up_first
from console.ui.errors import submitted
from console.ui.once import never_stored
from console.ui.uploads import takes_file
from console.vault import shown
from console.vault.code_forms import AuthenticatorForm, BackupCodesForm

METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.VAULT_OWN)
@takes_file(Permission.VAULT_OWN, most_bytes=qr.MOST_BYTES)
@step_up_first
@sensitive_post_parameters()
@require_http_methods(METHODS)
def authenticator(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    """Save the key of an authenticator, in place of one that is kept."""
    item = shown.load_own(request, item_id)
    form = AuthenticatorForm(request.POST or None, request.FILES or None)
    done = submitted(form, lambda: _save(request, item, form.cleaned_data["key"]))
    if done:
        messages.success(request, _("The authenticator is saved. Show a code to try it."))
        return redirect("vault:detail", item.pk)
    form.data = {}  # what is wrong with it is known: no page repeats a secret
    context = {"item": item, "form": form}
    return never_stored(render(request, "vault/authenticator.html", context))


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def show_code(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)

    def act() -> dict[str, Any]:
        code = codes.show_code(by=request.user, item=item, at=timezone.now())
        return {"value": code.secret.take(), "seconds_left": code.seconds_left}

    title = _("Code for %(label)s") % {"label": item.label}
    return _shown(request, item, act, title=title)


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def remove_authenticator(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    try:
        codes.remove_authenticator(by=request.user, item=item, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The authenticator is forgotten here."))
    return redirect("vault:detail", item.pk)


@requires(Permission.VAULT_OWN)
@step_up_first
@sensitive_post_parameters()
@require_http_methods(METHODS)
def backup_codes(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    form = BackupCodesForm(request.POST or None)
    count = submitted(
        form,
        lambda: codes.save_backup_codes(
            by=request.user, item=item, text=form.cleaned_data["codes"], at=timezone.now()
        ),
    )
    if count:
        messages.success(request, _("%(count)d backup codes are saved.") % {"count": count})
        return redirect("vault:detail", item.pk)
    form.data = {}
    context = {"item": item, "form": form, "has_codes": item.backup_codes.exists()}
    return never_stored(render(request, "vault/backup_codes.html", context))


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def use_backup_code(request: ConsoleRequest, item_id: UUID, code_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    code = get_object_or_404(BackupCode.objects.defer("blob"), item=item, pk=code_id)

    def act() -> dict[str, Any]:
        secret = codes.use_backup_code(by=request.user, item=item, code=code, at=timezone.now())
        return {"value": secret.take(), "is_backup": True}

    title = _("Backup code of %(label)s") % {"label": item.label}
    return _shown(request, item, act, title=title)


def _save(request: ConsoleRequest, item: StoredAccount, key: str) -> bool:
    codes.save_authenticator(by=request.user, item=item, key=key, at=timezone.now())
    return True


def _shown(
    request: ConsoleRequest,
    item: StoredAccount,
    act: Callable[[], dict[str, Any]],
    *,
    title: str,
) -> HttpResponse:
    """The one answer that holds the code; the event of it is written before."""
    try:
        found = act()
    except DomainError as error:
        messages.info(request, error.message)
        return redirect("vault:detail", item.pk)
    except SealBroken:
        said = _("This code cannot be opened here: the key that sealed it is missing.")
        messages.error(request, said)
        return redirect("vault:detail", item.pk)
    context = {"item": item, "title": title} | found
    return never_stored(render(request, "vault/code.html", context))
