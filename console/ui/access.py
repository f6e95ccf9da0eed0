"""Who may open a view: every view carries one of these marks, or the tests fail."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.audit import record
from accounts.audit.models import Outcome
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Identity
from console.ui import step_up as question
from console.ui.confirmation import is_confirmed

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class ConsoleRequest(HttpRequest):
    """A request behind sign-in; its user is an identity, not perhaps one."""

    user: Identity


Guarded = Callable[Concatenate[ConsoleRequest, P], HttpResponseBase]
"""A view that stands behind sign-in."""


def public(view: View[P]) -> View[P]:
    """Mark a view that anybody may open."""
    marked = login_not_required(view)
    marked.access = "public"  # type: ignore[attr-defined]
    return marked


def requires(permission: Permission, *instead: Permission) -> Callable[[Guarded[P]], View[P]]:
    """Let in only who holds the permission, or one that carries it; the others get 403, and an
    event says so."""

    def decorate(view: Guarded[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(may(request.user, each) for each in (permission, *instead)):
                refuse(request, permission)
            return view(request, *args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def refuse(request: ConsoleRequest, permission: Permission, *, told: str = "") -> None:
    """Record that somebody tried what they may not, and answer 403; `told` says why there."""
    record(
        "console.refused",
        by=request.user,
        outcome=Outcome.REFUSED,
        reason=f"{request.method} {request.path} needs {permission}",
    )
    raise PermissionDenied(told)


def step_up(view: Guarded[P]) -> Guarded[P]:
    """Ask for the password again where it was not confirmed within the last five minutes.

    A form that was filled in meanwhile is carried along, so nothing typed is lost. Goes below
    `@requires`.
    """

    @wraps(view)
    def confirmed(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if is_confirmed(request) and question.is_about_a_page(request):
            # the question stood in front of a page that was never seen: that page comes first
            return redirect(request.get_full_path())
        if is_confirmed(request) and not question.is_answer(request):
            return view(request, *args, **kwargs)
        return question.ask(request, lambda: view(request, *args, **kwargs))

    return confirmed


def step_up_first(view: Guarded[P]) -> Guarded[P]:
    """As `step_up`, for a form into which a secret is typed: the question stands in front of the
    page. A form that is sent when the confirmation has run out changes nothing and is not carried
    along, not even over a sign-in: no page repeats a secret. Goes below `@requires`.
    """

    @wraps(view)
    def confirmed(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if is_confirmed(request) and question.is_about_a_page(request):
            return redirect(request.get_full_path())
        if is_confirmed(request) and not question.is_answer(request):
            return view(request, *args, **kwargs)
        return question.ask_first(request)

    confirmed.carries_nothing = True  # type: ignore[attr-defined]
    return confirmed
