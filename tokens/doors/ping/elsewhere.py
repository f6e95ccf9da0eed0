"""What lies below the vendor's prefixes and is not served: JSON, never a page."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from tokens.access_tokens.guard import bearer
from tokens.access_tokens.verify import AccessToken
from tokens.doors.ping.answers import problem
from tokens.edge.machine import machine
from tokens.scopes.files import installed

ANY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@machine(problem, *ANY_METHOD)
def not_found(request: HttpRequest) -> HttpResponse:
    del request
    return problem(HTTPStatus.NOT_FOUND, "There is nothing at this address.")


@machine(problem, *ANY_METHOD)
def environment(request: HttpRequest) -> HttpResponse:
    """An address of the vendor's environment API that this tenant does not have.

    The scope that it needs is asked for all the same, so that a client learns of a missing one
    here as it would there; what is restricted to administrators is refused to every token.
    """
    scope = installed().needed_for(str(request.method), request.path)
    if scope is None:
        return not_found(request)

    @bearer(problem, scope=scope)
    def answer(request: HttpRequest, token: AccessToken) -> HttpResponse:
        del token
        return not_found(request)

    return answer(request)
