from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string

from accounts.audit.context import request_facts
from tokens.edge.facts import facts_of

REQUEST_ID_HEADER = "X-Request-ID"


class RequestContextMiddleware:
    """Gives every request an id and its events the facts of where it came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        facts = facts_of(request)
        request.META["STEWARD_REQUEST_ID"] = facts.request_id
        with request_facts(facts):
            response = self.get_response(request)
        response.headers[REQUEST_ID_HEADER] = facts.request_id
        if "Cache-Control" not in response and not request.path.startswith("/static/"):
            # pages hold what only this person may see; a shared or later browser must not keep it
            response.headers["Cache-Control"] = "no-store, private"
        return response


class WrongMethodMiddleware:
    """Says in words what Django leaves blank: that an address takes no request of this method."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = render_to_string("errors/405.html", request=request)
        return response
