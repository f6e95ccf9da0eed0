"""What allauth asks of us: who may come in, where to go then, and what to say and record."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identities import resets
from accounts.identities.policies import may_sign_in
from accounts.models import Identity
from accounts.sign_in_providers import sso_only
from console.sign_in import events, sessions
from console.ui.confirmation import confirm
from console.ui.redirects import is_own_path
from tokens.edge import facts

WRONG = gettext_lazy(
    "The user name or the password is wrong. Check both, also whether capitals are locked."
)
"""Said alike of an unknown name, a wrong password, a disabled account and one without password."""

BY_PROVIDER = gettext_lazy(
    "Passwords and passkeys do not sign you in here. Choose one of the sign-in providers."
)
FOR_PROGRAMS = gettext_lazy("This account is for API access only.")


def client_address(request: HttpRequest) -> str | None:
    """What the lockout counts by, besides the user name; None if a proxy wrote no address."""
    return facts.client_address(request) or None


def _methods(request: HttpRequest, user: Identity) -> list[str]:
    """How somebody has just proved who they are, for the audit log."""
    records = get_authentication_records(request, user)
    kinds = [r.get("type") if r.get("method") == "mfa" else r.get("method") for r in records]
    return ["passkey" if kind == "webauthn" else str(kind) for kind in kinds]


def _came_by_provider(request: HttpRequest, user: Identity) -> bool:
    records = get_authentication_records(request, user)
    return bool(records) and records[-1].get("method") == "sso"


def _was_only_known(request: HttpRequest, user: Identity) -> bool:
    """Whether a provider let them in without asking anew, and nothing was proved here after."""
    records = get_authentication_records(request, user)
    last = records[-1] if records else {}
    return last.get("method") == "sso" and last.get("fresh") is not True


def _may_come_so(request: HttpRequest, user: Identity) -> bool:
    """Whether one of their steps counts: the second one of a sign-in by a provider comes last."""
    records = get_authentication_records(request, user)
    by_provider = any(each.get("method") == "sso" for each in records)
    return by_provider or sso_only.current().lets_in(user)


class ClosedSignUpAdapter(DefaultAccountAdapter):
    """People come in by invitation or by the set-up link; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "too_many_login_attempts": gettext_lazy(
            "Too many failed attempts came from your address. Wait a minute, then try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104  a key to count by, not a bind

    def is_safe_url(self, url: str | None) -> bool:
        return is_own_path(url or "")

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: the answers in JSON that allauth would give are part of no page of ours."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Identity) -> HttpResponseRedirect:
        """Somebody was disabled in the moment of signing in: they see the page again, no reason."""
        del request, user
        return HttpResponseRedirect(resolve_url("account_login"))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        events.failed(request, claimed=str(credentials.get("username", "")))

    def get_login_stages(self) -> list[str]:
        return ["console.sign_in.second_step.SecondStepStage"]

    def pre_login(
        self, request: HttpRequest, user: Identity, **facts: Any
    ) -> HttpResponseBase | None:
        """Before any second step: an account for programs does not sign in, nor anybody by a
        password or a passkey where the tenant leaves that to its providers."""
        if user.web_services_only:
            events.for_programs_only(user)
            messages.error(request, FOR_PROGRAMS)
            return HttpResponseRedirect(resolve_url("account_login"))
        if not _came_by_provider(request, user) and not sso_only.current().lets_in(user):
            events.only_by_provider(user)
            messages.error(request, BY_PROVIDER)
            return HttpResponseRedirect(resolve_url("account_login"))
        answer: HttpResponseBase | None = super().pre_login(request, user, **facts)
        return answer

    def login(self, request: HttpRequest, user: Identity) -> None:
        if not may_sign_in(user, at=timezone.now()):  # disabled between the two steps
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        if not _may_come_so(request, user):  # decided between the two steps
            events.only_by_provider(user)
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)
        if not _was_only_known(request, user):
            confirm(request)
        sessions.begin(request)
        events.succeeded(user, methods=_methods(request, user))
        resets.forget(user, at=timezone.now())  # who remembers the password needs no link

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, Identity):
            events.ended(request.user)
        super().logout(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *_args: Any,
        **_kwargs: Any,
    ) -> None:
        """Of all that allauth would say, only that one is out again is worth a word."""
        if message_template == "account/messages/logged_out.txt":
            messages.success(request, _("You are signed out."))
