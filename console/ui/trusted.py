"""Which trusted session a browser has shown itself to be, for as long as it is signed in."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import TrustedSession
from console.ui.access import ConsoleRequest, Guarded

P = ParamSpec("P")

SESSION: Final = "steward_trusted_session"
"""Session key: the id of the trusted session that this browser is, or waits to be."""
CHALLENGE: Final = "steward_trusted_challenge"
"""Session key: what the browser signs next; it is good for one answer."""


def new_challenge(request: ConsoleRequest) -> str:
    made = secrets.token_urlsafe(32)
    request.session[CHALLENGE] = made
    return made


def spend_challenge(request: ConsoleRequest) -> str:
    """Empty where there is none, which nothing signs."""
    return str(request.session.pop(CHALLENGE, ""))


def bind(request: ConsoleRequest, session: TrustedSession) -> None:
    """Note that this browser holds the keys of a session."""
    request.session[SESSION] = str(session.pk)


def current(request: ConsoleRequest) -> TrustedSession | None:
    """The trusted session that this browser is, if it still is one."""
    found = request.session.get(SESSION)
    if not found:
        return None
    rows = TrustedSession.objects.trusted().select_related("identity")
    return rows.filter(pk=found, identity=request.user).first()


def is_asking(request: ConsoleRequest, session: TrustedSession) -> bool:
    """Whether this browser is the one that asked."""
    return bool(request.session.get(SESSION) == str(session.pk))


def unlock_url(path: str) -> str:
    """Where a browser shows that it is a trusted session, and goes on to `path`."""
    return f"{reverse('trusted_sessions:unlock')}?{urlencode({'next': path})}"


TrustedView = Callable[Concatenate[ConsoleRequest, TrustedSession, P], HttpResponseBase]


def in_trusted_session(view: TrustedView[P]) -> Guarded[P]:
    """Hand the view the trusted session that this browser is; any other browser is sent to where
    it can show that it is one. Goes below `@requires` and `@step_up`."""

    @wraps(view)
    def trusted(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        session = current(request)
        if session is None:
            path = request.get_full_path() if request.method in ("GET", "HEAD") else ""
            return redirect(unlock_url(path or reverse("vault:list")))
        return view(request, session, *args, **kwargs)

    return trusted
