"""One request to an address for programs of this server, answered without leaving it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from time import perf_counter
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, resolve

from accounts.audit.context import request_facts
from tokens.edge.facts import facts_of
from tokens.edge.machine import ACCESS

KEPT_BYTES: Final = 256 * 1024
"""Of an answer; what is longer is cut."""
CARRIED: Final = ("REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST")
PROXIED: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
"""What is told on of the request that asks: from where it came and to whom."""


class NotServed(Exception):
    """The address is none that programs call."""


@dataclass(frozen=True)
class Sent:
    """What is asked. `path` is not quoted; `query` is, without its question mark."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool
    """Whether the body was longer than what is kept."""
    milliseconds: float

    @property
    def status_line(self) -> str:
        return f"{self.status} {self.reason}"

    @property
    def ok(self) -> bool:
        return self.status < HTTPStatus.BAD_REQUEST


def served(path: str) -> ResolverMatch:
    """What answers programs at an address.

    Raises:
        NotServed: there is no such address, or a page is there.
    """
    try:
        match = resolve(path, settings.MACHINE_URLCONF)
    except Http404 as error:
        raise NotServed(path) from error
    if getattr(match.func, "access", None) != ACCESS:
        raise NotServed(path)
    return match


def dispatch(asking: HttpRequest, sent: Sent) -> Answer:
    """Hand the request to the view of its address, as a program's request from outside is handed
    to it: without sessions or cookies, as whoever its token says.

    Raises:
        NotServed: there is no such address, or a page is there.
    """
    match = served(sent.path)
    request = WSGIRequest(_environ(asking, sent))
    request.resolver_match = match
    request.urlconf = settings.MACHINE_URLCONF
    began = perf_counter()
    with request_facts(facts_of(request)):
        response = match.func(request, *match.args, **match.kwargs)
        body, cut = _body(response)
    took = (perf_counter() - began) * 1000
    # not the response's own close: it would end the database connection of the request around it
    request.close()
    return Answer(
        status=response.status_code,
        reason=response.reason_phrase,
        headers=tuple(response.items()),
        body=body,
        cut=cut,
        milliseconds=took,
    )


def _environ(asking: HttpRequest, sent: Sent) -> dict[str, object]:
    carried: dict[str, object] = {
        name: asking.META[name] for name in CARRIED + PROXIED if name in asking.META
    }
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.headers.items()
    }
    kind = headers.pop("HTTP_CONTENT_TYPE", "")
    return {
        **carried,
        **headers,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(sent.body)),
        "PATH_INFO": sent.path.encode().decode("latin-1"),
        "SCRIPT_NAME": "",
        "QUERY_STRING": sent.query,
        "REQUEST_METHOD": sent.method,
        "RAW_URI": quote(sent.path),
        "wsgi.url_scheme": asking.scheme,
        "wsgi.input": BytesIO(sent.body),
        "wsgi.errors": asking.META.get("wsgi.errors"),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }


def _body(response: HttpResponseBase) -> tuple[bytes, bool]:
    """What of the body is kept, and whether there was more."""
    if isinstance(response, StreamingHttpResponse):
        kept = b""
        try:
            for chunk in response.streaming_content:  # type: ignore[union-attr]
                kept += chunk
                if len(kept) > KEPT_BYTES:
                    break
        finally:
            # its own close would also end the database connection of the request around it
            for close in getattr(response, "_resource_closers", ()):
                close()
    else:
        kept = response.content  # type: ignore[attr-defined]
    return kept[:KEPT_BYTES], len(kept) > KEPT_BYTES
