from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.identities import invitations, links
from accounts.identities.links import LinkSpent
from accounts.identities.models import Purpose
from accounts.models import Identity
from console.ui.access import public
from console.ui.links import behind_a_link, spent
from console.ui.new_password import NewPasswordForm


@public
@behind_a_link
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "password_again")
def register(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody who was invited chooses their password, then signs in with it."""
    now = timezone.now()
    try:
        invitation = links.find_open(token=token, purpose=Purpose.SET_PASSWORD, at=now)
        invited = invitation.identity
        if invited is None:
            raise LinkSpent
        form = NewPasswordForm(request.POST or None, identity=invited)
        if form.is_valid():
            invitations.register(token=token, password=form.cleaned_data["password"], at=now)
            return _to_sign_in(request, invited)
    except LinkSpent:
        return spent(request, _("Ask a tenant administrator for another one."))
    context = {"form": form, "invited": invited, "until": invitation.expires_at}
    return render(request, "identities/register.html", context)


def _to_sign_in(request: HttpRequest, person: Identity) -> HttpResponse:
    """End whatever session this browser had: from here on it is the invited person's."""
    get_adapter(request).logout(request)
    said = _("Your password is set. Sign in as %(name)s.")
    messages.success(request, said % {"name": person.user_name})
    query = urlencode({"login": person.user_name})
    return redirect(f"{reverse('account_login')}?{query}")
