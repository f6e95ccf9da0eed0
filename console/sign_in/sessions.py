"""When a session ends: some time after its last use, and some time after signing in anyway."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.audit.context import current
from accounts.sessions import actions
from accounts.sessions.store import ABOUT, SEEN_AT, about
from accounts.sign_in import rules
from accounts.sign_in.rules import NOTED_EVERY

POLL_HEADER = "Steward-Poll"
"""Of requests that a page makes by itself: they do not keep a session alive."""


def begin(request: HttpRequest) -> None:
    """Start the clocks of a session in which somebody has just signed in."""
    now, facts = timezone.now(), current()
    request.session.set_expiry(0)  # the cookie goes with the browser, however one signed in
    request.session[ABOUT] = about(address=facts.address, user_agent=facts.user_agent, at=now)
    request.session[SEEN_AT] = now.timestamp()


def expire_soon(request: HttpRequest) -> None:
    """Keep the question for a passkey of nobody yet for some minutes: anybody can ask for many."""
    request.session.set_expiry(settings.ACCOUNT_LOGIN_TIMEOUT)


class SessionAgeMiddleware:
    """Ends a session that is too old or was not used for too long; notes that one is used.

    Use is noted once a minute, so a session may end up to a minute late, but never early.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if ABOUT in request.session:
            self._look_at(request)
        return self.get_response(request)

    @staticmethod
    def _look_at(request: HttpRequest) -> None:
        held, now = rules.of_request(request), timezone.now().timestamp()
        noted_every = NOTED_EVERY.total_seconds()
        age = now - request.session[ABOUT]["began_at"]
        unused = now - request.session.get(SEEN_AT, 0.0)
        if age > held.longest.total_seconds() or unused > held.idle.total_seconds() + noted_every:
            request.session.flush()
        elif unused >= noted_every and POLL_HEADER not in request.headers:
            request.session[SEEN_AT] = now


def forget_ended() -> None:
    """Upkeep."""
    actions.forget_ended(now=timezone.now(), longest=rules.current().longest)
