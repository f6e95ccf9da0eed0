"""Countries by name and by code."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from accounts.profiles.transforms.data import key, rows


class Country(NamedTuple):
    """The codes of ISO 3166-1."""

    alpha2: str
    alpha3: str
    numeric: str


@cache
def _countries() -> dict[str, Country]:
    found = {}
    for alpha2, alpha3, numeric, names in rows("countries.tsv"):
        country = Country(alpha2, alpha3, numeric)
        for text in (alpha2, alpha3, numeric, *names.split("|")):
            found[key(text)] = country
    return found


def country(text: str) -> Country | None:
    """The country of a name in English or its own language, or of a code."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII):
        text = text.zfill(3)
    return _countries().get(key(text))
