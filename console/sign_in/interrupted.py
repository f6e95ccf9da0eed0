"""A form that came after its session had ended: kept on the page, through sign-in, and sent again.

What was typed stays in hidden fields of the person's own browser; the server keeps none of it.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from console.sign_in.forms import SignInForm
from console.ui.key_forms import is_pasted_secret
from console.ui.redirects import is_own_path
from console.ui.step_up import FROM_GET_FIELD

FORM_FIELD, PATH_FIELD = "interrupted_form", "interrupted_path"
OWN_FIELDS = frozenset({"csrfmiddlewaretoken", FROM_GET_FIELD})
MAX_CHARACTERS = 200_000
"""Of what is carried; the largest form of the console has a tenth of it."""

Fields = list[tuple[str, str]]


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Django's, but a form that comes without a session is not thrown away."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        partial = request.headers.get("HX-Request") == "true"
        # an answer to the question in front of a page is no form: that page is shown afterwards
        carries_nothing = getattr(view_func, "carries_nothing", False)
        is_page = request.method != "POST" or FROM_GET_FIELD in request.POST
        if is_page or partial or carries_nothing:
            return super().handle_no_permission(request, view_func)
        return ask(request)


def ask(request: HttpRequest) -> HttpResponse:
    """Say that the session has ended, and offer to sign in and go on."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if _may_be_kept(name, value)
    ]
    return _sign_in_page(request, request.get_full_path(), fields)


def _may_be_kept(name: str, value: str) -> bool:
    """No page repeats a password or a private key, and what is ours is made anew."""
    secret = "password" in name.lower() or is_pasted_secret(name, value)
    return name not in OWN_FIELDS and not secret


def of_request(request: HttpRequest) -> tuple[str, Fields] | None:
    """The interrupted form that a sign-in carries along: where it goes and what it holds.

    None where there is none, or where it is not one of ours.
    """
    path, text = request.POST.get(PATH_FIELD, ""), request.POST.get(FORM_FIELD, "")
    if not path or not is_own_path(path) or len(text) > MAX_CHARACTERS:
        return None
    try:
        resolve(urlsplit(path).path)
        pairs = json.loads(text)
    except (Resolver404, ValueError, RecursionError):
        return None
    if not isinstance(pairs, list):
        return None
    fields = [p for p in pairs if isinstance(p, list) and len(p) == 2]
    if not all(isinstance(part, str) for pair in fields for part in pair):
        return None
    return path, [(name, value) for name, value in fields if _may_be_kept(name, value)]


def send_again(request: HttpRequest, path: str, fields: Fields) -> HttpResponse:
    """After sign-in: the form as it was, to be sent by its owner with a new token."""
    return render(request, "sign_in/send_again.html", {"path": path, "fields": fields})


def carried(request: HttpRequest) -> dict[str, str]:
    """The hidden fields of the sign-in page after a wrong password, so that nothing is lost."""
    found = of_request(request)
    if found is None:
        return {}
    return {PATH_FIELD: found[0], FORM_FIELD: json.dumps(found[1])}


def _sign_in_page(request: HttpRequest, path: str, fields: Fields) -> HttpResponse:
    text = json.dumps(fields)
    hidden = {PATH_FIELD: path, FORM_FIELD: text} if len(text) <= MAX_CHARACTERS else {}
    context = {
        "form": SignInForm(request=request),
        "interrupted": hidden,
        "ended": _("Your session has ended, so nothing was changed."),
    }
    return render(request, "sign_in/sign_in.html", context, status=403)
