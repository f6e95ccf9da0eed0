"""The mark of a view for programs, and what it answers when something goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Problem = Callable[[HTTPStatus, str], HttpResponse]
"""Words a refusal in the dialect of an endpoint: JSON, never a page."""

RETRY_AFTER_SECONDS = 5
"""A database that restarts is back by then; a client that asks sooner only meets it again."""
ACCESS = "machine"

logger = logging.getLogger(__name__)


def machine(problem: Problem, *methods: str) -> Callable[[View[P]], View[P]]:
    """Mark a view that programs call with a proof of their own: no session, no CSRF token.

    Methods other than `methods` answer 405. A failure of the database answers 503, so that the
    caller asks again; anything else that was not foreseen 500, in the dialect of `problem`.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                refusal = problem(HTTPStatus.METHOD_NOT_ALLOWED, "This method is not allowed here.")
                refusal["Allow"] = ", ".join(methods)
                return refusal
            try:
                request.get_host()  # refuses a host that is not ours, as the pages do
                return view(request, *args, **kwargs)
            except (SuspiciousOperation, UnreadablePostError):
                return problem(HTTPStatus.BAD_REQUEST, "The request cannot be read.")
            except DatabaseFailure:
                logger.exception("The database failed a program", extra=_told(request))
                return unavailable(problem)
            except Exception:
                logger.exception("A program's request failed", extra=_told(request))
                return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong.")

        marked = csrf_exempt(login_not_required(answer))
        marked.access = ACCESS  # type: ignore[attr-defined]
        # who refuses a request before its view is reached speaks as that would
        marked.problem = problem  # type: ignore[attr-defined]
        marked.most_bytes = getattr(view, "most_bytes", 0)  # type: ignore[attr-defined]
        return marked

    return decorate


def unavailable(problem: Problem) -> HttpResponse:
    """Nothing was done; the same request is good again in some seconds."""
    response = problem(HTTPStatus.SERVICE_UNAVAILABLE, "Try again in some seconds.")
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _told(request: HttpRequest) -> dict[str, str]:
    match = request.resolver_match
    return {"method": str(request.method), "route": match.route if match else ""}
