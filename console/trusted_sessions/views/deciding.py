from __future__ import annotations

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
from accounts.trusted_sessions import actions, queries
from accounts.vault.local import keys, wire
from accounts.vault.local import queries as vaults
from console.trusted_sessions.forms import ApproveForm
from console.ui import trusted
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
@trusted.in_trusted_session
def approve(
    request: ConsoleRequest, here: TrustedSession, trusted_session_id: UUID
) -> HttpResponse:
    """Trust another browser, once its digits were compared, and hand it the keys of this one."""
    rows = queries.of(request.user)
    session = get_object_or_404(rows, pk=trusted_session_id)
    form = ApproveForm(request.POST or None)
    done = submitted(
        form,
        lambda: keys.approve(
            by=request.user,
            session=session,
            from_session=here,
            wraps=wire.wraps_of_vaults(request.POST.get("wraps", "")),
            at=timezone.now(),
        ),
    )
    if done is not None:
        messages.success(request, _("%(name)s is a trusted session now.") % {"name": session.name})
        return redirect("trusted_sessions:list")
    if not session.is_waiting:
        messages.info(request, _("This session is not waiting for approval any more."))
        return redirect("trusted_sessions:list")
    data = {
        "person": str(request.user.pk),
        "session": str(here.pk),
        "keys": vaults.keys_for(here, vaults.of(request.user)),
        "recipient": {
            "kind": "session",
            "id": str(session.pk),
            "person": str(session.identity_id),
            "agreement": session.agreement_key,
        },
    }
    context = {"session": session, "form": form, "data": data, "vaults": len(data["keys"])}
    return render(request, "trusted_sessions/approve.html", context)


@requires(Permission.VAULT_OWN)
@require_POST
@trusted.in_trusted_session
def deny(request: ConsoleRequest, here: TrustedSession, trusted_session_id: UUID) -> HttpResponse:
    session = get_object_or_404(queries.of(request.user), pk=trusted_session_id)
    try:
        actions.deny(by=request.user, session=session, from_session=here, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%(name)s is refused for good.") % {"name": session.name})
    return redirect("trusted_sessions:list")


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, trusted_session_id: UUID) -> HttpResponse:
    """Stop trusting a browser, for good; the page says what that does not do."""
    session = get_object_or_404(queries.of(request.user), pk=trusted_session_id)
    if request.method == "POST":
        try:
            actions.remove(by=request.user, session=session, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            said = _("%(name)s is removed, and is never trusted again.")
            messages.success(request, said % {"name": session.name})
        return redirect("trusted_sessions:list")
    trusted_ones = TrustedSession.objects.trusted().filter(identity=request.user)
    context = {
        "session": session,
        "is_last": not trusted_ones.exclude(pk=session.pk).exists(),
        "recovery": queries.recovery_key_of(request.user),
    }
    return render(request, "trusted_sessions/remove.html", context)
