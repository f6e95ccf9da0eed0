from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

import segno
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import actions as identities
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.second_factors import actions, policies, queries, totp
from accounts.sign_in import rules
from console.second_factors.forms import AppForm, PasskeyForm, offer, offered
from console.second_factors.required import open_without_one
from console.ui import passkeys
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error


@open_without_one
@requires(Permission.CONSOLE_OPEN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """What one has set up, and what one may set up."""
    factors = queries.of(request.user)
    rows = [*factors.passkeys, *([factors.app] if factors.app else [])]
    context = {
        "factors": factors,
        "rows": [{"factor": row, "name": actions.label_of(row)} for row in rows],
        "codes_left": _codes_left(factors),
        "codes_stored": bool(factors.codes and factors.codes.data.get("stored_at")),
        "is_missing": policies.is_missing(request.user),
        "is_needed": rules.current().ask_of(request.user),
        "passkeys_work": passkeys.work_here(),
        "may_mend": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "second_factors/list.html", context)


def _codes_left(factors: queries.Factors) -> int:
    if factors.codes is None:
        return 0
    return actions.codes_left(factors.codes)


@open_without_one
@requires(Permission.CONSOLE_OPEN)
@step_up
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("offer", "code")
def set_up_app(request: ConsoleRequest) -> HttpResponse:
    """Show a new secret, and take it once the app has shown a right code of it."""
    now = timezone.now()
    if queries.of(request.user).app is not None:
        messages.info(request, _("An authenticator app is set up already."))
        return redirect("second_factors:list")
    form = AppForm(request.POST or None)
    secret = offered(request.user, request.POST.get("offer", ""), at=now)
    if request.method == "POST" and secret is None:
        messages.info(request, _("This page was open for too long. Scan the new code, please."))
        return redirect("second_factors:set_up_app")
    if secret is not None and form.is_valid():
        try:
            codes = actions.set_up_app(
                by=request.user, secret=secret, code=form.cleaned_data["code"], at=now
            )
        except DomainError as error:
            add_error(form, error)
        else:
            return _done(request, codes, _("The authenticator app is set up."), now)
    return _app_page(request, form, secret, now)


def _app_page(
    request: ConsoleRequest, form: AppForm, secret: str | None, now: datetime
) -> HttpResponse:
    if secret is None:
        secret, sealed = offer(request.user, at=now)
        form.initial["offer"] = sealed
    context = {
        "form": form,
        "qr": _qr(totp.address(request.user, secret)),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return render(request, "second_factors/app.html", context)


def _qr(text: str) -> SafeString:
    """Black on white in both themes: cameras read nothing else reliably."""
    made = segno.make(text, error="m", micro=False)
    svg: str = made.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    return mark_safe(svg)  # noqa: S308  made here, of squares


@open_without_one
@requires(Permission.CONSOLE_OPEN)
@step_up
@require_http_methods(["GET", "POST"])
def add_passkey(request: ConsoleRequest) -> HttpResponse:
    now = timezone.now()
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        credential = form.cleaned_data["credential"]
        if not passkeys.registered(credential):
            form.add_error(None, _("The passkey was not accepted. Try again."))
        else:
            try:
                codes = actions.add_passkey(
                    by=request.user, name=form.cleaned_data["name"], credential=credential, at=now
                )
            except DomainError as error:
                add_error(form, error)
            else:
                return _done(request, codes, _("The passkey is added."), now)
    works = passkeys.work_here()
    options = json.dumps(auth.begin_registration(request.user, True)) if works else ""
    context = {
        "form": form,
        "options": options,
        "passkeys_work": works,
        "may_mend": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "second_factors/passkey.html", context)


def _done(
    request: ConsoleRequest, codes: OneTimeSecret | None, said: str, now: datetime
) -> HttpResponse:
    """A factor was set up: other sessions end, and the first time codes are shown."""
    identities.end_sessions(by=request.user, identity=request.user, at=now)
    update_session_auth_hash(request, request.user)
    messages.success(request, said)
    return redirect("second_factors:list") if codes is None else _show_codes(request, codes)


def _show_codes(request: ConsoleRequest, codes: OneTimeSecret) -> HttpResponse:
    plain = codes.take().splitlines()
    shown = [f"{code[:4]} {code[4:8]} {code[8:]}" for code in plain]
    text = _("Recovery codes of %(name)s in Steward. Each works once.") % {
        "name": request.user.user_name
    }
    file = "\n".join([text, "", *shown, ""])
    context = {
        "codes": shown,
        "href": f"data:text/plain;charset=utf-8,{quote(file)}",
        "filename": f"steward-recovery-codes-{request.user.user_name}.txt",
    }
    answer = render(request, "second_factors/codes.html", context)
    answer["Cache-Control"] = "no-store, private"
    return answer


@open_without_one
@requires(Permission.CONSOLE_OPEN)
@step_up
@require_http_methods(["GET", "POST"])
def make_codes(request: ConsoleRequest) -> HttpResponse:
    """New recovery codes, after saying that the old ones stop."""
    if not queries.has_one(request.user):
        return redirect("second_factors:list")
    if request.method == "POST":
        return _show_codes(request, actions.make_codes(by=request.user, at=timezone.now()))
    return render(request, "second_factors/make_codes.html", {})


@open_without_one
@requires(Permission.CONSOLE_OPEN)
@require_POST
def codes_stored(request: ConsoleRequest) -> HttpResponse:
    if request.POST.get("stored") == "on":
        actions.mark_codes_stored(by=request.user, at=timezone.now())
        messages.success(request, _("Your recovery codes are marked as stored."))
    else:
        messages.warning(
            request,
            _("You did not confirm that the codes are stored. Make new ones if they are not."),
        )
    return redirect("second_factors:list")


@open_without_one
@requires(Permission.CONSOLE_OPEN)
@step_up
@require_http_methods(["GET", "POST"])
def remove(request: ConsoleRequest, factor_id: int) -> HttpResponse:
    factors = queries.of(request.user)
    rows: list[Any] = [*factors.passkeys, *([factors.app] if factors.app else [])]
    row = next((row for row in rows if row.pk == factor_id), None)
    if row is None:
        messages.info(request, _("This second factor has been removed already."))
        return redirect("second_factors:list")
    name = actions.label_of(row)
    if request.method == "POST":
        now = timezone.now()
        try:
            actions.remove(by=request.user, factor_id=factor_id, at=now)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("second_factors:list")
        return _done(request, None, _("%(name)s is removed.") % {"name": name}, now)
    context = {"name": name, "is_last": factors.count == 1}
    return render(request, "second_factors/remove.html", context)
