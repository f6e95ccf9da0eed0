"""An HTTP client for programs that talks to the WSGI application itself, as gunicorn does."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode, urlsplit

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        assert self.headers["Content-Type"].startswith("application/"), self.content
        return json.loads(self.content)


@dataclass
class Program:
    """Sends what it is told to, malformed or not."""

    headers: dict[str, str] = field(default_factory=dict)
    """Sent with each request."""
    address: str = "127.0.0.1"
    own_connection: bool = False
    """Whether a request may close the connection to the database, as one of gunicorn may."""

    def request(
        self,
        method: str,
        target: str,
        body: bytes | str | io.BytesIO = b"",
        *,
        content_type: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """A body that is a stream says in `headers` how long it is."""
        from console.wsgi import application

        given = body.encode() if isinstance(body, str) else body
        sent = b"" if isinstance(given, io.BytesIO) else given
        path, _mark, query = target.partition("?")
        url = urlsplit(settings.STEWARD_PUBLIC_URL)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": url.hostname,
            "SERVER_PORT": str(url.port or 443),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.address,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": url.scheme,
            "wsgi.input": given if isinstance(given, io.BytesIO) else io.BytesIO(sent),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(sent)),
            "HTTP_HOST": url.netloc,
            "HTTP_USER_AGENT": "a program/1.0",
        }
        for name, value in (self.headers | (headers or {})).items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_LENGTH" else f"HTTP_{key}"] = value
        if self.own_connection:
            return _called(application, environ)
        # as Django's own test client: a request must not close the connection of the test
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        try:
            return _called(application, environ)
        finally:
            request_started.connect(close_old_connections)
            request_finished.connect(close_old_connections)

    def get(self, target: str, query: dict[str, str] | None = None, **options: Any) -> Answer:
        asked = f"{target}?{urlencode(query)}" if query else target
        return self.request("GET", asked, **options)

    def post(self, target: str, body: bytes | str = b"", **options: Any) -> Answer:
        return self.request("POST", target, body, **options)


def _called(application: Any, environ: dict[str, Any]) -> Answer:
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        started.update(status=int(status.split(maxsplit=1)[0]), headers=dict(headers))

    parts = application(environ, start_response)
    content = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return Answer(started["status"], started["headers"], content)
