"""Answers to those who watch: load balancers, supervisors, and collectors of figures."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from tokens.edge.machine import ACCESS, RETRY_AFTER_SECONDS
from tokens.health import checks, counters
from tokens.health.figures import FromDatabase

NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
METHODS = ("GET", "HEAD")

View = Callable[[HttpRequest], HttpResponse]


def problem(status: HTTPStatus, message: str) -> HttpResponse:
    return JsonResponse({"status": "refused", "message": message}, status=status, headers=NO_STORE)


def watched(view: View) -> View:
    """Mark a view that is asked by address: a probe knows the machine, not the public name.

    It therefore takes any Host header, and tells nothing that another might not know.
    """

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            refusal = problem(HTTPStatus.METHOD_NOT_ALLOWED, "This address is only read.")
            refusal["Allow"] = ", ".join(METHODS)
            return refusal
        return view(request)

    marked = csrf_exempt(login_not_required(answer))
    marked.access = ACCESS  # type: ignore[attr-defined]
    marked.problem = problem  # type: ignore[attr-defined]
    marked.most_bytes = 0  # type: ignore[attr-defined]
    return marked


@watched
def livez(request: HttpRequest) -> HttpResponse:
    """Whether this process answers at all; asks nothing of anything else."""
    del request
    return JsonResponse({"status": "alive"}, headers=NO_STORE)


@watched
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether requests can be served; 503 where something is missing that they need."""
    del request
    found = checks.findings(timezone.now())
    ready = all(each.ok for each in found.values() if each.is_needed)
    said = "not ready" if not ready else "ready" if all(f.ok for f in found.values()) else "limping"
    response = JsonResponse(
        {"status": said, "checks": {name: each.said for name, each in found.items()}},
        status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
        headers=NO_STORE,
    )
    if not ready:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


@watched
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of all processes of this machine, in the text format of Prometheus."""
    token: str = settings.STEWARD_METRICS_TOKEN
    if not token:
        return problem(HTTPStatus.NOT_FOUND, "There are no figures here.")
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(shown.encode(), token.encode()):
        refusal = problem(HTTPStatus.UNAUTHORIZED, "Show the token of STEWARD_METRICS_TOKEN.")
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    try:
        told = generate_latest(_counted()) + generate_latest(_asked())
    except (DatabaseError, InterfaceError):
        # what was counted is told all the same: an outage is when it is wanted most
        told = generate_latest(_counted())
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST, headers=NO_STORE)


def _counted() -> CollectorRegistry:
    """What this process counted; where there are several, what all of them did."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return counters.REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _asked() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(FromDatabase())
    return registry
