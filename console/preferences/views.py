from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from console.ui.access import public
from console.ui.context import THEME_COOKIE, THEMES
from console.ui.redirects import own_path

REMEMBERED = timedelta(days=365)


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark, or what the system says; an unknown choice changes nothing."""
    answer = redirect(own_path(request.POST.get("next", "")))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        answer.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=REMEMBERED,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer
