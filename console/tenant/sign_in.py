from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.errors import DomainError
from accounts.second_factors import queries as second_factors
from accounts.sign_in import rules
from console.tenant.forms import SignInForm
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import add_error


@requires(Permission.TENANT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: ConsoleRequest) -> HttpResponseBase:
    """Who needs a second factor, and how long a session lasts."""
    if request.method != "POST":
        return _page(request, _form(request))
    if not may(request.user, Permission.TENANT_MANAGE):
        refuse(request, Permission.TENANT_MANAGE)
    return _change(request)


@step_up
def _change(request: ConsoleRequest) -> HttpResponse:
    form = _form(request)
    if form.is_valid():
        try:
            changed = rules.set_rules(by=request.user, rules=form.rules(), at=timezone.now())
        except DomainError as error:
            add_error(form, error)
        else:
            if changed:
                messages.success(request, _("The rules of sign-in are saved. They hold at once."))
            else:
                messages.info(request, _("Nothing was changed."))
            return redirect("tenant:sign_in")
    return _page(request, form)


def _form(request: ConsoleRequest) -> SignInForm:
    may_change = may(request.user, Permission.TENANT_MANAGE)
    posted = request.POST if request.method == "POST" else None
    return SignInForm(posted, rules=rules.current(), may_change=may_change)


def _page(request: ConsoleRequest, form: SignInForm) -> HttpResponse:
    context = {
        "form": form,
        "may_change": may(request.user, Permission.TENANT_MANAGE),
        "has_second_factor": second_factors.has_one(request.user),
    }
    return render(request, "tenant/sign_in.html", context)
