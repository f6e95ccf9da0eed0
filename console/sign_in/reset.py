"""The pages for whoever cannot sign in: a forgotten password is set anew by a mailed link."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.identities import resets
from accounts.identities.links import LinkSpent
from console.sign_in import jobs, lockout
from console.ui.access import public
from console.ui.links import behind_a_link, spent
from console.ui.mail import say_where_mail_is
from console.ui.new_password import NewPasswordForm


class ForgottenForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=254,
        help_text=gettext_lazy("Or your e-mail address, if only one account uses it."),
        error_messages={"required": gettext_lazy("Type the user name that you sign in with.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def problems(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for everybody, and takes as long."""
    form = ForgottenForm(request.POST or None, initial={"name": request.GET.get("login", "")[:200]})
    if form.is_valid():
        if not ratelimit.consume(request, action="reset_password"):
            return lockout.too_many(request)
        jobs.ask_for_reset(form.cleaned_data["name"])
        say_where_mail_is(request)
        return redirect("sign_in_asked")
    return render(request, "sign_in/problems.html", {"form": form})


@public
@require_http_methods(["GET", "HEAD"])
def asked(request: HttpRequest) -> HttpResponse:
    minutes = resets.LIFETIME.total_seconds() / 60
    return render(request, "sign_in/asked.html", {"minutes": minutes})


@public
@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "password_again")
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Set another password, then sign in with it: a link alone signs nobody in."""
    now = timezone.now()
    try:
        link = resets.find_open(token=token, at=now)
        form = NewPasswordForm(request.POST or None, identity=link.identity)
        if form.is_valid():
            person = resets.finish(token=token, password=form.cleaned_data["password"], at=now)
            get_adapter(request).logout(request)
            said = _("Your new password is set. Sign in as %(name)s.")
            messages.success(request, said % {"name": person.user_name})
            query = urlencode({"login": person.user_name})
            return redirect(f"{reverse('account_login')}?{query}")
    except LinkSpent:
        return spent(request, _("Ask for another one under “Problems signing in?”."))
    context = {"form": form, "owner": link.identity, "until": link.expires_at}
    return render(request, "sign_in/reset.html", context)
