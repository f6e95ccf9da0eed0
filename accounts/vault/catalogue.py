"""The applications that are known: those that come with Steward, and those that the tenant adds."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.vault.models import NAME_MAX_LENGTH, URL_MAX_LENGTH, Application
from accounts.vault.urls import clean_url

SCHEMES: Final = ("http", "https")


@dataclass(frozen=True)
class App:
    """An application as somebody names it."""

    name: str
    url: str = ""
    has_saml: bool | None = None
    """Whether one signs in to it by SAML; None where nobody has said."""


@cache
def built_in() -> tuple[App, ...]:
    """Those of the data file beside this one."""
    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["application"]
    return tuple(App(row["name"], row["url"], row["saml"]) for row in rows)


def known() -> list[App]:
    """All of them by name; what the tenant says of one comes before what the file says."""
    added = [App(row.name, row.url, row.has_saml) for row in Application.objects.all()]
    taken = {skeleton(app.name) for app in added}
    rest = [app for app in built_in() if skeleton(app.name) not in taken]
    return sorted([*added, *rest], key=lambda app: app.name.casefold())


def meant(text: str, *, field: str = "application") -> App:
    """The application that is meant by a name or an address; a new one if none is known so.

    Raises:
        BadText: it is neither.
    """
    text = clean_text(text, max_length=URL_MAX_LENGTH, multiline=False, field=field)
    host, wanted, apps = _host(text), skeleton(text), known()
    by_name = next((app for app in apps if skeleton(app.name) == wanted), None)
    if by_name is not None:
        return by_name
    if not host:
        return App(clean_name(text, max_length=NAME_MAX_LENGTH, field=field))
    # what is typed becomes a link, and stands in the audit log: of a known host as of any
    url = clean_url(text if "://" in text else f"https://{text}", field=field)
    app = next((app for app in apps if _host(app.url) == host), None)
    if app is None:
        return App(host[:NAME_MAX_LENGTH], url)
    return App(app.name, url if "/" in text else app.url, app.has_saml)


def typed(name: str, url: str) -> str:
    """What one types for an application and its address, so that both are meant again."""
    try:
        if not url or meant(name).url == url or meant(url).name != name:
            return name
    except DomainError:  # an address that nobody would keep today
        return name
    return url


def has_saml(name: str) -> bool | None:
    """Whether an application is known to take SAML, by its name."""
    wanted = skeleton(name)
    return next((app.has_saml for app in known() if skeleton(app.name) == wanted), None)


def _host(text: str) -> str:
    """The host of an address, without `www.`; empty for what is none."""
    if "://" not in text:
        if " " in text or "." not in text.partition("/")[0]:
            return ""
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if parts.scheme in SCHEMES else ""
