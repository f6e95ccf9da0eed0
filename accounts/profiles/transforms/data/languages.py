"""Languages by name and by code."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from accounts.profiles.transforms.data import key, rows
from accounts.profiles.transforms.data.countries import country

WITH_COUNTRY: Final = re.compile(r"(?P<language>[^()]+(?:\([^()]+\))?)\s*\((?P<country>[^()]+)\)")


@cache
def _languages() -> dict[str, str]:
    found = {}
    for tag, codes, names in rows("languages.tsv"):
        for text in (*codes.split(), *names.split("|")):
            found[key(text)] = tag
    return found


def tag_of(text: str) -> str | None:
    """The tag of a language's English name or three-letter code; `es_MX` for Spanish (Mexico)."""
    text = text.strip()
    tag = _languages().get(key(text))
    if tag is not None:
        return tag
    match = WITH_COUNTRY.fullmatch(text)
    if match is None:
        return None
    language = _languages().get(key(match["language"]))
    place = country(match["country"])
    return f"{language}_{place.alpha2}" if language and place else None
