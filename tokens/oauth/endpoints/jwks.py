"""The public keys with which access tokens are verified (RFC 7517 section 5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from tokens.edge.machine import machine
from tokens.oauth.errors import problem
from tokens.signing import current

PATH = "/.well-known/jwks.json"
HEADERS = {"Cache-Control": "public, max-age=300"}
"""Shorter than a new key is published before it signs."""


@machine(problem, "GET", "HEAD")
def jwks(request: HttpRequest) -> HttpResponse:
    del request
    return JsonResponse(
        current.jwks(timezone.now()), headers=HEADERS, content_type="application/jwk-set+json"
    )
