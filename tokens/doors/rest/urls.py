"""Where the operations are: one view an address, marked and guarded as every program's view is."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from tokens.doors.rest import document
from tokens.doors.rest.api import api, operations
from tokens.doors.rest.calls import Run, serve
from tokens.doors.rest.errors import problem
from tokens.doors.rest.operations import Operation
from tokens.edge.machine import machine

ANY_METHOD: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@machine(problem, *ANY_METHOD)
def not_found(request: HttpRequest) -> HttpResponse:
    """What is not served: JSON, never a page."""
    del request
    return problem(HTTPStatus.NOT_FOUND, "This address is not served here.")


def _addresses() -> list[URLPattern]:
    """The addresses of ninja, each behind our own guard."""
    by_route: dict[str, dict[str, Operation]] = {}
    for operation in operations():
        route = operation.path.lstrip("/").replace("{", "<").replace("}", ">")
        by_route.setdefault(route, {})[operation.method] = operation
    patterns, _app, _namespace = api.urls
    # ninja has a converter of its own that leaves ids as text
    runs: dict[str, Run] = {
        str(found.pattern).replace("<uuidstr:", "<uuid:"): found.callback
        for found in patterns
        if found.callback is not None
    }
    return [
        path(route, serve(methods, runs[route], document.parameters))
        for route, methods in by_route.items()
    ]


urlpatterns = [
    *_addresses(),
    path("openapi.json", document.view),
    re_path(r"", not_found),
]
