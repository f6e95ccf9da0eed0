"""What only SAML has: the answer is a form that another site has the browser send."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import SignInProvider
from accounts.sign_in_providers.kinds import saml
from console.sign_in import lockout, sso
from console.ui.access import public
from console.ui.once import never_stored
from console.ui.sso import back_to, entity_id

AGAIN: Final = "again"
"""In the form that comes from our own page."""
PARTS: Final = ("SAMLResponse", "RelayState")


@csrf_exempt
@public
@require_POST
def acs(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Browsers send no session along with a form of another site: so the first answer is a page
    that sends the same once more, from here. What it may then do depends on the session alone: the
    state in it was given to no other browser.
    """
    provider = _provider(provider_id)
    lists = dict(request.POST.lists())
    answer = {name: str(lists[name][0]) for name in PARTS if len(lists.get(name, ())) == 1}
    if AGAIN in request.POST:
        if not ratelimit.consume(request, action="login"):
            return lockout.too_many(request)
        return sso.arrived(request, provider, answer.get("RelayState", ""), answer)
    context = {
        "action": reverse("sso_acs", args=[provider.pk]),
        "fields": answer.items(),
        "again": AGAIN,
    }
    # without the request: the page would get a token for forms, and the browser lose the one it has
    return never_stored(HttpResponse(render_to_string("sign_in/send_on.html", context)))


@public
@require_safe
def metadata(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """How Steward is called at this provider, and where its answers are taken."""
    del request
    provider = _provider(provider_id)
    text = saml.own_metadata(entity_id(provider), back_to(provider))
    return HttpResponse(text, content_type="application/samlmetadata+xml")


def _provider(provider_id: UUID) -> SignInProvider:
    provider = get_object_or_404(SignInProvider, pk=provider_id)
    if not provider.part.answers_by_form:
        raise Http404
    return provider
