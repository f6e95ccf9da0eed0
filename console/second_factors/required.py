"""Whoever must have a second factor and has none sets one up, and can do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Identity
from accounts.second_factors import policies
from accounts.sign_in import rules


def open_without_one(view: Any) -> Any:
    """Mark a view as part of setting up a second factor. Goes on top."""
    view.without_second_factor = True
    return view


def asked_elsewhere(request: HttpRequest, person: Identity) -> bool:
    """Whether this session was begun by a provider that asked for a second factor, which counts."""
    records = get_authentication_records(request, person)
    return any(each.get("method") == "sso" and each.get("mfa") is True for each in records)


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        del args, kwargs
        is_open = getattr(view, "access", "") == "public" or hasattr(view, "without_second_factor")
        person = request.user
        if is_open or not isinstance(person, Identity):
            return None
        if asked_elsewhere(request, person):
            return None
        if not policies.is_missing(person, rules.of_request(request)):
            return None
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": reverse("second_factors:list")})
        if request.method == "POST":
            messages.warning(request, _("Nothing was changed: a second factor comes first."))
        return redirect("second_factors:list")
