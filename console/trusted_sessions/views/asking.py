"""A browser asks to be trusted, and shows that it is."""

from __future__ import annotations

import re
import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audit.context import current as request_facts
from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import TrustedSession
from accounts.trusted_sessions import actions, queries
from accounts.vault.local import queries as vaults
from console.trusted_sessions import mail
from console.trusted_sessions.forms import CodeForm, NewSessionForm, ProofForm
from console.ui import devices, trusted
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error, submitted
from console.ui.redirects import own_path

METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(METHODS)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make this browser a trusted session: its keys are made in it."""
    challenge = trusted.spend_challenge(request) if request.method == "POST" else ""
    form = NewSessionForm(request.POST or None, initial={"session_id": uuid.uuid4()})
    made = submitted(form, lambda: _ask(request, form.cleaned_data, challenge))
    if made is not None:
        trusted.bind(request, made)
        if not queries.has_trusted(request.user):
            _send(request, made)
        return redirect("trusted_sessions:detail", made.pk)
    data = {"person": str(request.user.pk), "challenge": trusted.new_challenge(request)}
    context = {"form": form, "data": data, "is_first": not queries.has_trusted(request.user)}
    return render(request, "trusted_sessions/new.html", context)


@requires(Permission.VAULT_OWN)
@require_http_methods(METHODS)
def detail(request: ConsoleRequest, trusted_session_id: UUID) -> HttpResponse:
    """One session: what it waits for, and the digits by which it is recognised."""
    session = _own(request, trusted_session_id)
    is_first = session.is_waiting and not queries.has_trusted(request.user)
    form = CodeForm(request.POST or None) if is_first else None
    if form is not None and form.is_valid():
        try:
            actions.confirm_code(
                by=request.user,
                session=session,
                code=form.cleaned_data["code"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("This browser is a trusted session now."))
            return redirect("trusted_sessions:list")
    recovery = queries.recovery_key_of(request.user)
    is_here = trusted.is_asking(request, session)
    data: dict[str, Any] = {"person": str(request.user.pk), "session": str(session.pk)}
    if recovery is not None and session.is_waiting and is_here:
        data |= {
            "recovery": {
                "id": str(recovery.pk),
                "agreement": recovery.agreement_key,
                "wrapped": recovery.wrapped_key,
            },
            "keys": vaults.keys_for_recovery(recovery),
        }
    context = {
        "session": session,
        "state": f"session_{session.state}",
        "form": form,
        "data": data,
        "recovers": "recovery" in data,
        "is_here": is_here,
        "here": trusted.current(request),
    }
    return render(request, "trusted_sessions/detail.html", context)


@requires(Permission.VAULT_OWN)
@require_POST
def send_code(request: ConsoleRequest, trusted_session_id: UUID) -> HttpResponse:
    """Mail another code; the one before stops working."""
    session = _own(request, trusted_session_id)
    _send(request, session)
    return redirect("trusted_sessions:detail", session.pk)


@requires(Permission.VAULT_OWN)
@require_http_methods(METHODS)
def unlock(request: ConsoleRequest) -> HttpResponse:
    """Show that this browser is a trusted session, by a signature of its key."""
    challenge = trusted.spend_challenge(request) if request.method == "POST" else ""
    form = ProofForm(request.POST or None)
    following = own_path(request.GET.get("next", ""), reverse("vault:list"))
    if form.is_valid():
        session = _own(request, form.cleaned_data["session_id"])
        try:
            actions.prove(
                by=request.user,
                session=session,
                challenge=challenge,
                signature=form.cleaned_data["signature"],
                at=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            trusted.bind(request, session)
            return redirect(following)
    rows = TrustedSession.objects.filter(identity=request.user)
    waiting = list(rows.waiting(timezone.now()).order_by("pk"))
    data = {
        "sessions": [str(pk) for pk in rows.trusted().values_list("pk", flat=True)],
        "waiting": [str(each.pk) for each in waiting],
        "challenge": trusted.new_challenge(request),
    }
    context = {"data": data, "waiting": waiting, "here": trusted.current(request)}
    return render(request, "trusted_sessions/unlock.html", context)


def _own(request: ConsoleRequest, session_id: UUID) -> TrustedSession:
    return get_object_or_404(queries.of(request.user), pk=session_id)


def _ask(request: ConsoleRequest, said: dict[str, Any], challenge: str) -> TrustedSession:
    return actions.ask(
        by=request.user,
        session_id=said["session_id"],
        asking=actions.Asking(
            device=said["device"],
            platform=_platform(request),
            agreement_key=said["agreement_key"],
            signing_key=said["signing_key"],
            signature=said["signature"],
            address=request_facts().address or "",
        ),
        challenge=challenge,
        at=timezone.now(),
    )


def _platform(request: ConsoleRequest) -> str:
    """Such as Linux/Firefox."""
    browser, system = devices.parts(request.headers.get("User-Agent", ""))
    return re.sub(r"\s+", " ", f"{system or _('Unknown')}/{browser or _('Unknown')}")


def _send(request: ConsoleRequest, session: TrustedSession) -> None:
    try:
        code = actions.make_code(by=request.user, session=session, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return
    if mail.send_code(session, code):
        said = _("A code was mailed to %(email)s. It works for five minutes.")
        messages.success(request, said % {"email": request.user.email})
    else:
        messages.error(request, _("The mail server did not take the code. Send it again."))
