"""Whoever signed in with a password that is too old chooses another, and can do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Identity
from accounts.second_factors import policies
from accounts.sign_in import password_age, rules


def open_with_an_old_one(view: Any) -> Any:
    """Mark the view on which a password is changed. Goes on top."""
    view.with_old_password = True
    return view


def is_asked(request: HttpRequest, person: Identity) -> bool:
    """Whether they must change their password now.

    Not in a session that a passkey alone began, or a sign-in provider: no password was asked for.
    The next session that a password begins is led to the change.
    """
    if not password_age.must_change(person, rules.of_request(request), timezone.now()):
        return False
    records = get_authentication_records(request, person)
    return not any(r.get("passwordless") or r.get("method") == "sso" for r in records)


class OldPasswordMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        del args, kwargs
        is_open = getattr(view, "access", "") == "public" or hasattr(view, "with_old_password")
        person = request.user
        if is_open or not isinstance(person, Identity) or not is_asked(request, person):
            return None
        if hasattr(view, "without_second_factor") and policies.is_missing(
            person, rules.of_request(request)
        ):
            return None  # first things first: the page of the password does not open without one
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": reverse("profile:change_password")})
        if request.method == "POST":
            messages.warning(request, _("Nothing was changed: a new password comes first."))
        return redirect("profile:change_password")
