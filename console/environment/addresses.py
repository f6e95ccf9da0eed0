"""Where Steward listens, and under which address people and programs know it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

import environ

from console.environment.values import BadValue, number, text

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
USUAL_PORTS = {"http": 80, "https": 443}

_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    return host in LOOPBACK_NAMES or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_every_address(host: str) -> bool:
    return is_address(host) and ipaddress.ip_address(host).is_unspecified


def in_url(host: str) -> str:
    """`host` as URLs and Host headers write it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def _is_host(value: str) -> bool:
    return is_address(value) or bool(_HOST_NAME.fullmatch(value))


def host(env: environ.Env) -> str:
    value = text(env, "HOST").lower() or "127.0.0.1"
    if not _is_host(value):
        raise BadValue(
            "HOST", f"is {value!r}", "set an IP address or a host name, without scheme and port"
        )
    return value


def port(env: environ.Env) -> int:
    return number(env, "PORT", 8000, 1, 65535)


def public_url(env: environ.Env, listen_host: str, listen_port: int) -> str:
    """The issuer: scheme, host and, where it is not the usual one, port; no slash at the end."""
    value = text(env, "STEWARD_PUBLIC_URL")
    if not value:
        # nobody can browse to "every address"
        shown = "127.0.0.1" if is_every_address(listen_host) else listen_host
        return f"http://{in_url(shown)}:{listen_port}"
    mend = "set something like https://steward.example.com, without user and path"
    try:
        url = urlsplit(value)
        name, url_port = url.hostname or "", url.port
    except ValueError as error:
        raise BadValue("STEWARD_PUBLIC_URL", "is not a URL", mend) from error
    if url.username is not None or url.password is not None:
        raise BadValue("STEWARD_PUBLIC_URL", "holds a user name or password", mend)
    if url.scheme not in USUAL_PORTS:
        raise BadValue("STEWARD_PUBLIC_URL", f"is {value!r}, not http or https", mend)
    if url.path not in ("", "/") or url.query or url.fragment:
        raise BadValue("STEWARD_PUBLIC_URL", f"is {value!r}, with more than a host", mend)
    if not _is_host(name) or url_port == 0:
        raise BadValue("STEWARD_PUBLIC_URL", f"is {value!r}, without a usable host", mend)
    explicit = "" if url_port in (None, USUAL_PORTS[url.scheme]) else f":{url_port}"
    return f"{url.scheme}://{in_url(name)}{explicit}"
