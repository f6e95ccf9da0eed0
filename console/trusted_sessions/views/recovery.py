from __future__ import annotations

import uuid
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import TrustedSession
from accounts.trusted_sessions import queries
from accounts.trusted_sessions import recovery as actions
from accounts.vault.local import keys, wire
from accounts.vault.local import queries as vaults
from console.trusted_sessions.forms import RecoverForm, RecoveryKeyForm
from console.ui import trusted
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted
from console.ui.once import never_stored


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
@trusted.in_trusted_session
def new(request: ConsoleRequest, here: TrustedSession) -> HttpResponse:
    """Make a recovery key: this browser shows it, and sends what it encrypts and no more."""
    form = RecoveryKeyForm(request.POST or None, initial={"recovery_id": uuid.uuid4()})
    made = submitted(
        form,
        lambda: keys.make_recovery_key(
            by=request.user,
            from_session=here,
            recovery_id=form.cleaned_data["recovery_id"],
            agreement_key=form.cleaned_data["agreement_key"],
            wrapped_key=form.cleaned_data["wrapped_key"],
            verifier=form.cleaned_data["verifier"],
            wraps=wire.wraps_of_vaults(request.POST.get("wraps", "")),
            at=timezone.now(),
        ),
    )
    if made is not None:
        messages.success(request, _("The recovery key is in force. Keep the paper safe."))
        return redirect("trusted_sessions:list")
    data = {
        "person": str(request.user.pk),
        "session": str(here.pk),
        "keys": vaults.keys_for(here, vaults.of(request.user)),
    }
    context = {"form": form, "data": data, "had": queries.recovery_key_of(request.user)}
    return never_stored(render(request, "trusted_sessions/recovery_key.html", context))


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
@trusted.in_trusted_session
def discard(request: ConsoleRequest, here: TrustedSession) -> HttpResponse:
    try:
        actions.discard(by=request.user, from_session=here, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The recovery key opens nothing any more. Burn the paper."))
    return redirect("trusted_sessions:list")


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def recover(request: ConsoleRequest, trusted_session_id: UUID) -> HttpResponse:
    """Trust the browser into which the recovery key was typed."""
    session = get_object_or_404(queries.of(request.user), pk=trusted_session_id)
    form = RecoverForm(request.POST)
    if not form.is_valid() or not trusted.is_asking(request, session):
        messages.error(request, _("Type the recovery key in the browser that is to be trusted."))
        return redirect("trusted_sessions:detail", session.pk)
    try:
        keys.recover(
            by=request.user,
            session=session,
            verifier=form.cleaned_data["verifier"],
            wraps=wire.wraps_of_vaults(request.POST.get("wraps", "")),
            at=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("trusted_sessions:detail", session.pk)
    messages.success(request, _("This browser is a trusted session now. Make a new recovery key."))
    return redirect("trusted_sessions:list")
