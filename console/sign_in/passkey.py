"""Signing in with a passkey alone: it is something one has, opened by what one knows or is."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.identities.policies import may_sign_in
from console.sign_in import events, interrupted, lockout, sessions
from console.ui import passkeys
from console.ui.access import public
from console.ui.redirects import own_path


class CredentialForm(forms.Form):
    credential = passkeys.CredentialField()


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """GET answers the question as JSON, for `passkey.js`; POST takes its answer."""
    if not ratelimit.consume(request, action="login"):
        return lockout.too_many(request)
    if request.method == "GET":
        if not request.user.is_authenticated:
            sessions.expire_soon(request)
        return JsonResponse(auth.begin_authentication(None))
    if request.user.is_authenticated:
        return redirect("/")
    form = CredentialForm(request.POST)
    used = passkeys.proved(form.cleaned_data["credential"]) if form.is_valid() else None
    if used is None or not may_sign_in(used.user, at=timezone.now()):
        events.passkey_failed(used.user if used else None)
        messages.error(
            request, _("This passkey was not accepted. Sign in with your user name and password.")
        )
        return redirect("account_login")
    return _let_in(request, used)


def _let_in(request: HttpRequest, used: Authenticator) -> HttpResponse:
    used.record_usage()
    extra: dict[str, Any] = {"type": "webauthn", "passwordless": True}
    record_authentication(request, used.user, "mfa", **extra)
    path = own_path(request.POST.get("next", ""))
    kept = interrupted.of_request(request)
    answer: HttpResponse = perform_login(request, Login(user=used.user, redirect_url=path))
    if kept and request.user.is_authenticated:
        return interrupted.send_again(request, *kept)
    return answer
