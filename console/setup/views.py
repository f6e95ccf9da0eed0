from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.identities import first_administrator, queries
from accounts.identities.links import LinkSpent
from accounts.lib.errors import DomainError
from console.setup.forms import SetupForm
from console.ui.access import public
from console.ui.errors import add_error
from console.ui.links import behind_a_link, spent


@public
@behind_a_link
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "password_again")
def new(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator, who is then signed in."""
    now = timezone.now()
    form = SetupForm(request.POST or None)
    try:
        first_administrator.find_link(token=token, at=now)
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in ("user_name", "email", "password")}
            person = first_administrator.create_by_link(token=token, at=now, **values)
            get_adapter(request).login(request, person)
            messages.success(
                request, _("Welcome. You administer this tenant; invite others under Identities.")
            )
            return redirect("/")
    except LinkSpent:
        if queries.has_administrator():
            return spent(request, _("There is an administrator already: sign in."))
        return spent(request, _("Start Steward again to have another one printed."))
    except DomainError as error:
        add_error(form, error)
    return render(request, "setup/new.html", {"form": form})
