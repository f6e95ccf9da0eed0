"""Passwords of stored accounts: replaced by a form, and shown in the answer to a POST alone."""

from __future__ import annotations

from collections.abc import Callable
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
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.models import StoredAccount
from accounts.sealing import SealBroken
from accounts.vault import actions, queries
from accounts.vault.generator import BadRecipe
from console.ui.access import ConsoleRequest, requires, step_up, step_up_first
from console.ui.errors import add_error, submitted
from console.ui.once import never_stored
from console.vault import shown
from console.vault.forms import PasswordForm


@requires(Permission.VAULT_OWN)
@step_up_first
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    """Store another password; the oldest of those that were replaced is forgotten then."""
    item = shown.load_own(request, item_id)
    form = PasswordForm(request.POST or None)
    if "make" in request.POST:
        try:
            form = PasswordForm(initial=form.with_made())
            form.show_made()
        except BadRecipe as error:
            add_error(form, error)
    else:
        done = submitted(form, lambda: _set(request, item, form.cleaned_data["password"]))
        if done:
            messages.success(request, _("The new password is stored. The old one is kept."))
            return redirect("vault:detail", item.pk)
    context = shown.frame(request, item, "settings") | {"form": form}
    return never_stored(render(request, "vault/password.html", context))


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def reveal(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_to_reveal(request, item_id)
    return _shown(
        request,
        item,
        lambda: actions.reveal(by=request.user, item=item, at=timezone.now()),
        title=_("Password of %(label)s") % {"label": item.label},
    )


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def reveal_earlier(request: ConsoleRequest, item_id: UUID, password_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    earlier = get_object_or_404(queries.history_of(item), pk=password_id)
    return _shown(
        request,
        item,
        lambda: actions.reveal(by=request.user, item=item, at=timezone.now(), earlier=earlier),
        title=_("Earlier password of %(label)s") % {"label": item.label},
    )


def _set(request: ConsoleRequest, item: StoredAccount, password: str) -> bool:
    actions.set_password(by=request.user, item=item, password=password, at=timezone.now())
    return True


def _shown(
    request: ConsoleRequest, item: StoredAccount, act: Callable[[], OneTimeSecret], *, title: str
) -> HttpResponse:
    """The one answer that holds the password; the event of it is written before."""
    try:
        secret = act()
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("vault:detail", item.pk)
    except SealBroken:
        said = _("This password cannot be opened here: the key that sealed it is missing.")
        messages.error(request, said)
        return redirect("vault:detail", item.pk)
    context = {"item": item, "title": title, "value": secret.take()}
    return never_stored(render(request, "vault/revealed.html", context))
