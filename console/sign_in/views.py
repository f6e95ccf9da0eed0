from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.identities import queries
from accounts.sign_in_providers import queries as providers
from accounts.sign_in_providers import sso_only
from console.sign_in import interrupted
from console.sign_in.forms import SignInForm
from console.sign_in.second_step import step
from console.ui import passkeys
from console.ui.access import public
from console.ui.redirects import own_path


class _SignIn(LoginView):
    form_class = SignInForm
    template_name = "sign_in/sign_in.html"

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        """Whoever stands before the second step may start over, perhaps as somebody else."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        path = own_path(str(context.get("redirect_field_value") or "/"))
        return context | {
            "interrupted": interrupted.carried(self.request),
            "with_passkeys": passkeys.work_here(),
            "providers": providers.offered(),
            "next_query": urlencode({"next": path}) if path != "/" else "",
            "is_sso_only": sso_only.current().is_on,
            "is_set_up": queries.has_administrator(),
        }


_in = _SignIn.as_view()
_out = LogoutView.as_view()


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and request.headers.get("HX-Request") == "true":
        return _whole_page(request)
    kept = interrupted.of_request(request)
    answer: HttpResponse = _in(request)
    if kept and request.user.is_authenticated and answer.status_code == HTTPStatus.FOUND:
        return interrupted.send_again(request, *kept)
    if kept and answer.get("Location") == reverse("mfa_authenticate"):
        request.method = "GET"  # what was typed goes on in this browser, through the second step
        return step(request)
    return answer


def _whole_page(request: HttpRequest) -> HttpResponse:
    """Tell htmx, which wanted a part of a page for which one must sign in, to load all of this."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    path = own_path(f"{here.path}?{here.query}" if here.query else here.path)
    address = f"{reverse('account_login')}?{urlencode({'next': path})}"
    return HttpResponse(headers={"HX-Redirect": address})


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = _out(request)
    return answer
