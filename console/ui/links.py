"""Links that are passed on, and pages behind one that holds a secret."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tokens.models import KeyPickup

NO_PATH_IN_REFERER = "no-referrer, strict-origin"
"""Browsers take the last that they know: they name the host at most, never the path.

With `no-referrer` alone they would send `Origin: null` with the form of the page, which the
protection against forged requests rightly refuses.
"""

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def to_pickup(pickup: KeyPickup) -> str:
    """Where an owner gets a key that was offered to them; whoever follows it must sign in as they.

    From the settings alone: what a request calls our host must never reach a mail.
    """
    return f"{settings.STEWARD_PUBLIC_URL}{reverse('credentials:pickup', args=[pickup.pk])}"


def behind_a_link(view: View[P]) -> View[P]:
    """Keep the address of a page, which is a secret, out of caches and out of `Referer`."""

    @wraps(view)
    def discreet(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store, private"
        answer["Referrer-Policy"] = NO_PATH_IN_REFERER
        answer["X-Robots-Tag"] = "noindex"
        return answer

    return discreet


def spent(request: HttpRequest, mend: str) -> HttpResponse:
    """The answer to a link that was used, replaced, expired or made up: 404, and what to do."""
    return render(request, "errors/link_spent.html", {"mend": mend}, status=404)
