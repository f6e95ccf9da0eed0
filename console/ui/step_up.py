"""The page that asks for the password again, in place of the one that was wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest
from django.http.request import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.sign_in_providers import queries, sso_only
from console.ui.confirmation import confirm
from console.ui.key_forms import is_pasted_secret
from console.ui.once import never_stored
from console.ui.passwords import is_password_of
from console.ui.redirects import own_path

PASSWORD_FIELD = "step_up_password"  # noqa: S105  # a field's name
FROM_GET_FIELD = "step_up_from_get"
"""In the answer to a question that was put in place of a page, not of a form that was sent."""
_WRONG = _("This is not your password. Try again.")
OWN_FIELDS = frozenset({PASSWORD_FIELD, FROM_GET_FIELD, "csrfmiddlewaretoken"})


class ConfirmForm(forms.Form):
    step_up_password = forms.CharField(
        label=_("Password"),
        error_messages={"required": _("Type your password.")},
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


def ask(request: HttpRequest, proceed: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Show the question, or, if it comes answered, go on to the page with what was posted."""
    form = ConfirmForm(request.POST if PASSWORD_FIELD in request.POST else None)
    if form.is_valid():
        if _is_password_of_theirs(request, form.cleaned_data[PASSWORD_FIELD]):
            confirm(request)
            request.session.cycle_key()  # as at sign-in: who had the old id has nothing now
            if FROM_GET_FIELD in request.POST:
                return redirect(request.get_full_path())
            _drop_answer(request)
            return proceed()
        form.add_error(PASSWORD_FIELD, _WRONG)
    context = {
        "form": form,
        **_ways(request),
        "carried": _carried(request),
        "from_get": request.method != "POST" or FROM_GET_FIELD in request.POST,
        "back": _back(request),
    }
    return render(request, "step_up/ask.html", context)


def ask_first(request: HttpRequest) -> HttpResponseBase:
    """Show the question in front of a page whose form holds secrets: nothing that was sent is
    carried along, and the answer leads to the page, never on with the form."""
    form = ConfirmForm(request.POST if PASSWORD_FIELD in request.POST else None)
    if form.is_valid():
        if _is_password_of_theirs(request, form.cleaned_data[PASSWORD_FIELD]):
            confirm(request)
            request.session.cycle_key()
            return redirect(request.get_full_path())
        form.add_error(PASSWORD_FIELD, _WRONG)
    context = {
        "form": form,
        **_ways(request),
        "from_get": True,
        "is_forgotten": request.method == "POST" and FROM_GET_FIELD not in request.POST,
        "back": _back(request),
    }
    return never_stored(render(request, "step_up/ask.html", context))


def is_answer(request: HttpRequest) -> bool:
    """Whether this answers the question; it must not pass for the form that was asked about."""
    return PASSWORD_FIELD in request.POST


def is_about_a_page(request: HttpRequest) -> bool:
    """Whether this comes from a question that was put in place of a page, without its answer."""
    return FROM_GET_FIELD in request.POST and not is_answer(request)


def _is_password_of_theirs(request: HttpRequest, password: str) -> bool:
    person = request.user
    if not isinstance(person, Identity) or not sso_only.current().lets_in(person):
        return False
    return is_password_of(request, person, password)


def _ways(request: HttpRequest) -> dict[str, Any]:
    """By what they may confirm: their password, where it counts, and providers they are linked
    to."""
    person = request.user
    assert isinstance(person, Identity)  # the question stands behind sign-in
    return {
        "with_password": sso_only.current().lets_in(person),
        "providers": queries.usable_by(person),
        # a form that is carried along waits here, while the provider opens beside it
        "path": request.get_full_path() if request.method == "GET" else "",
    }


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What the form held that is asked about, to be sent again with the password.

    But for a private key that was pasted by mistake: no page repeats one.
    """
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in OWN_FIELDS and not is_pasted_secret(name, value)
    ]


def _back(request: HttpRequest) -> str:
    """Where one came from, for whoever would rather not."""
    address = urlsplit(request.headers.get("Referer", ""))
    return own_path(address.path) if address.netloc == request.get_host() else "/"


def _drop_answer(request: HttpRequest) -> None:
    posted: QueryDict = request.POST.copy()
    for name in OWN_FIELDS:
        posted.pop(name, None)
    request.POST = posted  # type: ignore[assignment]
