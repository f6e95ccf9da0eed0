"""What a browser says of itself, in words that its owner recognises."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

BROWSERS: Final = (
    (r"\bEdgA?/", "Edge"),
    (r"\bOPR/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bVivaldi/", "Vivaldi"),
    (r"\b(?:Firefox|FxiOS)/", "Firefox"),
    (r"\b(?:Chrome|CriOS|HeadlessChrome|Chromium)/", "Chrome"),
    (r"\bVersion/[\d.]+.*\bSafari/", "Safari"),
    (r"\bcurl/", "curl"),
    (r"\bpython", "Python"),
)
"""The first that fits: most claim to be several of them."""
SYSTEMS: Final = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bWindows\b", "Windows"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\b(?:Macintosh|Mac OS X)\b", "macOS"),
    (r"\b(?:Linux|X11)\b", "Linux"),
)


def in_words(user_agent: str) -> str:
    """Such as “Firefox on Linux”; anybody can send any text, so nothing hangs on it."""
    browser, system = parts(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def parts(user_agent: str) -> tuple[str, str]:
    """The browser and the system, such as Firefox and Linux; empty where nothing is known."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    found = (name for pattern, name in table if re.search(pattern, user_agent, re.IGNORECASE))
    return next(found, "")
