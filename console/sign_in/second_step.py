"""The second step of signing in, for whoever has a second factor."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, cast

from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.stages import AuthenticateStage
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.identities import actions as identities
from accounts.models import Identity
from accounts.second_factors import actions, queries, tries
from accounts.second_factors.actions import Answer
from console.sign_in import interrupted
from console.ui import passkeys
from console.ui.access import public

LOCKED = gettext_lazy(
    "Too many wrong codes. Wait for %(minutes)d minutes, then sign in again. Its owner is told."
)


class SecondStepStage(AuthenticateStage):
    """allauth's, bound to the password that was given and to the browser that gave it."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        answer, goes_on = super().handle()
        if answer is not None:
            # who knew the id of the session from before must not stand behind the password, too
            self.request.session.cycle_key()
            self.state["stamp"] = self.login.user.get_session_auth_hash()
        return answer, goes_on

    def _should_handle(self, request: HttpRequest) -> bool:
        """Not where the provider by which they just came asked for a second factor, and the tenant
        lets that count."""
        records = get_authentication_records(request, self.login.user)
        came_by = records[-1] if records else {}
        if came_by.get("method") == "sso" and came_by.get("mfa") is True:
            return False
        return bool(super()._should_handle(request))

    def still_holds(self) -> bool:
        """Whether the password is still the one that was given in the first step."""
        stamp: str = self.login.user.get_session_auth_hash()
        return bool(self.state.get("stamp") == stamp)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        help_text=gettext_lazy("Six digits of your app, or one of your recovery codes."),
        error_messages={"required": gettext_lazy("Type the code.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
    )

    def __init__(self, *args: Any, user: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.method = ""

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        answer = actions.verify(identity=self.user, code=code, at=timezone.now())
        if answer == Answer.LOCKED:
            raise ValidationError(_locked())
        if not answer.is_right:
            raise ValidationError(
                _("This code is not right, or was used already. Wait for the next one.")
            )
        self.method = answer.value
        return code


class PasskeyForm(forms.Form):
    credential = passkeys.CredentialField()

    def __init__(self, *args: Any, user: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.method = "passkey"

    def clean_credential(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data["credential"]
        if said := _refusal(self.user, given):
            raise ValidationError(said)
        return given


@transaction.atomic
def _refusal(identity: Identity, credential: dict[str, Any]) -> str:
    """Why a passkey is not taken; empty if it is. Counted like wrong codes."""
    now = timezone.now()
    identity = identities.lock(identity)
    if tries.is_locked(identity, at=now):
        return _locked()
    used = passkeys.proved(credential, identity)
    if used is None:
        actions.refused(identity=identity, reason="wrong passkey", at=now)
        return _("This passkey was not accepted. Try again, or type a code.")
    used.record_usage()
    tries.forget(identity)
    return ""


def _locked() -> str:
    return str(LOCKED) % {"minutes": tries.LOCKED_FOR.total_seconds() // 60}


class _SecondStep(AuthenticateView):
    form_class = CodeForm
    webauthn_form_class = PasskeyForm
    template_name = "sign_in/second_step.html"

    def form_valid(self, form: Any) -> HttpResponse:
        if not self.stage.still_holds():
            messages.error(self.request, _("Your password was changed meanwhile. Sign in again."))
            return cast(HttpResponse, self.stage.abort())
        record_authentication(self.request, self.stage.login.user, "mfa", type=form.method)
        return cast(HttpResponse, self.stage.exit())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.stage.login.user
        factors = queries.of(person)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        posted = self.webauthn_form if self.webauthn_form.is_bound else self.auth_form
        return context | {
            "factors": factors,
            "errors_of": posted,
            "options": json.dumps(context["js_data"]["request_options"]),
            "user_name": person.user_name,
            "with_passkeys": bool(factors.passkeys) and passkeys.work_here(),
            "interrupted": interrupted.carried(self.request),
        }


_step = _SecondStep.as_view()


@public
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: a code of the app, a recovery code, or a passkey."""
    return step(request)


def step(request: HttpRequest) -> HttpResponse:
    kept = interrupted.of_request(request)
    answer: HttpResponse = _step(request)
    if kept and request.user.is_authenticated and answer.status_code == HTTPStatus.FOUND:
        return interrupted.send_again(request, *kept)
    return answer
