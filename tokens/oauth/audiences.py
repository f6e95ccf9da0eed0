"""What an assertion may name as its audience."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from tokens.access_tokens.claims import issuer

TOKEN_PATHS = ("/am/oauth2/access_token", "/oauth/token", "/oauth_token.do")
"""Of the one token endpoint, as the clients of Ping, SailPoint and ServiceNow know it."""
DEFAULT_PORTS = {"http": 80, "https": 443}
VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
"""Anything else `urlsplit` would drop or fold before it compares."""


@lru_cache(maxsize=1_024)
def canonical(url: str) -> str:
    """A URL with its port written out, or the text itself where it is no plain URL.

    So `https://h/p` and `https://h:443/p` are one audience and nothing else is: the path must be
    equal to the letter, and user info, query and fragment make another text.
    """
    if not VISIBLE_ASCII.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return url
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    plain = parts.netloc.lower() in {host, f"{host}:{port}"}
    if not plain or parts.query or parts.fragment or "?" in url or "#" in url:
        return url
    shown = DEFAULT_PORTS[parts.scheme] if port is None else port
    return f"{parts.scheme}://{host}:{shown}{parts.path}"


@lru_cache(maxsize=64)
def accepted(base: str, issuer_url: str, doubled: bool) -> frozenset[str]:
    """The audiences of the token endpoint at `base`, and the issuer's own.

    RFC 10070 lets the authorization grant name either. `doubled` adds what frodo-cli 3 sends
    where the URL has a port: the port twice. It is a URL of no server.
    """
    names = {canonical(issuer_url)}
    for start in (canonical(base), canonical(issuer_url)):
        names |= {start + path for path in TOKEN_PATHS}
        if doubled:
            names.add(f"{start}:{start.rpartition(':')[2]}{TOKEN_PATHS[0]}")
    return frozenset(names)


def of_request(request: HttpRequest) -> frozenset[str]:
    """The audiences of this request: those of the public URL, and of the host that it came to."""
    base = f"{request.scheme}://{request.get_host()}"
    return accepted(base, issuer(), settings.STEWARD_COMPAT_FRODO_DOUBLE_PORT)
