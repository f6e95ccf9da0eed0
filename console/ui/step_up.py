"""The page that asks for the password again, in place of the one that was wanted."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.http.request import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.audit.models import Outcome
from accounts.models import Identity
from console.ui import access

PASSWORD_FIELD = "step_up_password"  # noqa: S105  # a field's name


class ConfirmForm(forms.Form):
    step_up_password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


def ask(request: HttpRequest, proceed: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Show the question, or, if it comes answered, go on to the page with what was posted."""
    form = ConfirmForm(request.POST if PASSWORD_FIELD in request.POST else None)
    if form.is_valid():
        if _is_password_of(request, form.cleaned_data[PASSWORD_FIELD]):
            access.confirm(request)
            if "step_up_from_get" in request.POST:
                return redirect(request.get_full_path())
            _drop_answer(request)
            return proceed()
        form.add_error(PASSWORD_FIELD, _("This is not your password. Try again."))
    return render(
        request,
        "step_up/ask.html",
        {"form": form, "carried": _carried(request), "from_get": _came_by_get(request)},
        status=200,
    )


def _came_by_get(request: HttpRequest) -> bool:
    return request.method == "GET" or "step_up_from_get" in request.POST


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What the form held that is asked about, to be sent again with the password."""
    left_out = {PASSWORD_FIELD, "csrfmiddlewaretoken", "step_up_from_get"}
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in left_out
    ]


def _drop_answer(request: HttpRequest) -> None:
    posted: QueryDict = request.POST.copy()
    posted.pop(PASSWORD_FIELD, None)
    request.POST = posted  # type: ignore[assignment]


def _is_password_of(request: HttpRequest, password: str) -> bool:
    """Check by the same backends as sign-in does, so that its lock-out holds here too."""
    person = request.user
    if not isinstance(person, Identity):
        return False
    found = authenticate(request, username=person.user_name, password=password)
    if found is None or found.pk != person.pk:
        record("sign_in.confirmation_failed", by=person, outcome=Outcome.REFUSED)
        return False
    record("sign_in.confirmed", by=person)
    return True
